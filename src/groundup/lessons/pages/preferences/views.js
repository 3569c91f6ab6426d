// Draws the loss of a pair of answers, and the two ways from comparisons to a model: in three stages, and at once.
import { select } from "/static/vendor/d3.js";

import { element, format, makePair, makeRuler } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

const CHOSEN = "var(--first)";
const OTHER = "var(--second)";

const percent = (share) => `${format(100 * share, 3)}\u00a0%`;
const withSign = (number) => (number > 0 ? `+${format(number, 3)}` : format(number, 3));

const LEAST = -20; // the smallest log-probability
const PUSH = 90; // how many pixels long an arrow for a gradient of 1 is

// Left: bars as long as both answers are likely, at first and now, which the hand draws out. Right: σ and the loss at their margin.
function drawPreference(api) {
  const [left, right] = makePair(api.root);
  const plot = makePlot(left, { x: [LEAST, 0], y: [0, 10], label: "The log-probabilities of two answers, at first and now", xLabel: "log-probability (longer bar: likelier)", ratio: 0.85, lowest: 360, tallest: 370, ticks: [5, 0], margin: { left: 12, top: 8 } });
  const bars = plot.inside.append("g");
  const arrows = plot.above.append("g");
  const texts = plot.above.append("g");
  const [steep, priced] = [
    { label: "The sigmoid of β times the margin", y: [0, 1], yLabel: "σ(β m)", colour: CHOSEN, ticks: [5, 3] },
    { label: "The loss, by the margin", y: [0, 4], yLabel: "loss", colour: OTHER, ticks: [5, 4] },
  ].map(({ label, y, yLabel, colour, ticks }) => {
    const made = makePlot(right, { x: [-20, 20], y, label, xLabel: "margin m", yLabel, ratio: 0.4, lowest: 165, tallest: 172, ticks });
    return {
      plot: made,
      middle: made.inside.append("line").attr("class", "limit"),
      curve: made.inside.append("path").attr("class", "curve").style("stroke", colour),
      slope: made.inside.append("line").attr("class", "edge"),
      dot: made.inside.append("circle").attr("class", "ball").attr("r", 7).style("fill", colour),
      told: made.above.append("text").attr("class", "told small"),
    };
  });
  const rows = [
    { name: "reference_chosen", words: "log π of the chosen answer at first", y: 7.75, fill: "var(--soft)", kind: "at-first" },
    { name: "chosen", words: "log π of the chosen answer now", y: 6.75, fill: CHOSEN, kind: "" },
    { name: "reference_rejected", words: "log π of the rejected answer at first", y: 3.75, fill: "var(--soft)", kind: "at-first" },
    { name: "rejected", words: "log π of the rejected answer now", y: 2.75, fill: OTHER, kind: "other" },
  ];
  const handles = rows.map(({ name, words, kind }) => makeHandle(plot, {
    label: words, axis: "x", step: 0.5, kind, radius: kind === "at-first" ? 6 : 9, bounds: { x: [LEAST, 0] }, text: ({ x }) => format(x, 3),
    move: ({ x }) => api.set({ [name]: Math.round(2 * x) / 2 }),
  }));

  handles.forEach(({ group }, place) => group.select(".dot").attr("data-number", rows[place].name));

  function update(frame, values) {
    plot.fit();
    const high = plot.y(0) - plot.y(0.8);
    bars.selectAll("rect").data(rows).join("rect").attr("x", plot.x(LEAST)).attr("y", ({ y }) => plot.y(y) - high / 2).attr("height", high).attr("rx", 3)
      .attr("width", ({ name }) => plot.x(values[name]) - plot.x(LEAST)).style("fill", ({ fill }) => fill).attr("opacity", ({ kind }) => (kind === "at-first" ? 0.35 : 0.75));
    rows.forEach(({ name, y }, place) => handles[place].show(values[name], y));
    // A step of gradient descent pushes against the gradient.
    const pushed = [[values.chosen, 6.75, frame.slopes[0]], [values.rejected, 2.75, frame.slopes[1]]].map(([value, y, slope]) => {
      const from = plot.x(value) - 12 * Math.sign(slope);
      return { y: plot.y(y), from, to: from - PUSH * slope, back: 5 * Math.sign(slope), size: Math.abs(slope) };
    });
    arrows.selectAll("path").data(pushed).join("path").attr("class", "push").attr("opacity", ({ size }) => (size > 0.01 ? 1 : 0))
      .attr("d", ({ y, from, to, back }) => `M${from},${y} H${to} m${back},-5 l${-back},5 l${back},5`);
    const written = [
      { x: LEAST, y: 9.4, text: frame.question, fill: "var(--ink)" },
      { x: LEAST, y: 8.4, text: `chosen: “${frame.answers[0]}”`, fill: CHOSEN },
      { x: LEAST, y: 5.75, number: "gain1", text: `gained ${withSign(frame.gains[0])}`, fill: "var(--ink)" },
      { x: LEAST, y: 4.4, text: `rejected: “${frame.answers[1]}”`, fill: OTHER },
      { x: LEAST, y: 1.75, number: "gain2", text: `gained ${withSign(frame.gains[1])}`, fill: "var(--ink)" },
      { x: LEAST, y: 0.4, number: "margin", text: `margin m = ${format(frame.gains[0], 3)} − ${frame.gains[1] < 0 ? `(${format(frame.gains[1], 3)})` : format(frame.gains[1], 3)} = ${format(frame.margin, 3)}`, fill: "var(--ink)" },
    ];
    texts.selectAll("text").data(written).join("text").attr("class", "told").attr("x", ({ x }) => plot.x(x)).attr("y", ({ y }) => plot.y(y)).style("fill", ({ fill }) => fill).attr("data-number", ({ number }) => number ?? null).text(({ text }) => text);

    const reach = Math.max(20, Math.abs(frame.margin) + 2);
    const rise = frame.slopes[0]; // along the margin it is that along log π of the chosen answer
    [[steep, 1, frame.sigma, `σ(β m) = ${format(frame.sigma, 3)}`, 1], [priced, 2, frame.loss, `loss ${format(frame.loss, 3)}, slope ${format(rise, 2)}`, Math.max(4, frame.loss * 1.2)]].forEach(([side, column, value, words, top]) => {
      side.plot.fit({ x: [-reach, reach], y: [0, top] });
      const at = (share) => [side.plot.x(frame.margin), side.plot.y(share)];
      side.middle.attr("x1", side.plot.x(0)).attr("x2", side.plot.x(0)).attr("y1", side.plot.y(0)).attr("y2", side.plot.y(top));
      side.curve.attr("d", tracePath(side.plot, frame.curve.map((row) => [row[0], row[column]])));
      side.dot.attr("cx", at(value)[0]).attr("cy", at(value)[1]);
      side.slope.attr("opacity", column === 2 ? 1 : 0).attr("x1", side.plot.x(frame.margin - 6)).attr("y1", side.plot.y(value - 6 * rise)).attr("x2", side.plot.x(frame.margin + 6)).attr("y2", side.plot.y(value + 6 * rise));
      const { width } = side.plot.svg.node().viewBox.baseVal;
      side.told.attr("data-number", column === 1 ? "sigma" : "loss").attr("x", column === 1 ? side.plot.margin.left + 8 : width - 22).attr("text-anchor", column === 1 ? "start" : "end").attr("y", side.plot.margin.top + 16).text(words);
    });
  }

  return { update };
}

// The stages by their names, in two lines each; the way of DPO leaves out the two before the last.
const PATH = [["examples", "(SFT)"], ["people", "compare"], ["reward", "model"], ["rewards,", "a pull"], ["new", "model"]];
// The stage of the list that each box belongs to.
const NUMBERS = [["stage 1", 0, 0], ["stage 2", 1, 2], ["stage 3", 3, 3]];
const ROW = 56; // the height of one answer

// Above: the way from examples to the new model. Left: how likely the answers are. Right: the votes, whose borders the hand drags.
function drawStages(api) {
  const strip = element("div");
  api.root.append(strip);
  const way = select(strip).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "Examples, comparisons, a reward model, rewards with a pull, the new model; DPO goes from the comparisons to the new model");
  const [lines, boxes, names] = Array.from({ length: 3 }, () => way.append("g").attr("transform", "translate(0,18)"));
  const [left, right] = makePair(api.root);
  const plot = makePlot(right, { x: [0, 10], y: [0, 6.4], label: "How many of ten people prefer the first answer of each pair", xLabel: "people of ten", ratio: 0.8, lowest: 290, tallest: 300, ticks: [5, 0], margin: { left: 24, right: 24, top: 6 } });
  const shares = plot.inside.append("g");
  const letters = plot.above.append("g");
  const handles = Array.from({ length: 6 }, (_, place) => makeHandle(plot, {
    label: `votes for the first answer of pair ${place + 1}`, axis: "x", step: 1, bounds: { x: [1, 9] }, text: ({ x }) => `${x} of 10`,
    move: ({ x }) => api.set({ votes: api.values.votes.map((one, other) => (other === place ? [Math.round(x)] : one)), stage: Math.max(1, api.values.stage) }),
  }));
  const measure = makeRuler(left);
  const measureStrip = makeRuler(strip);
  const answers = select(left).append("svg").attr("class", "plot").attr("role", "group");
  const bars = answers.append("g");
  const rings = answers.append("g");
  const texts = answers.append("g");

  function drawWay(stage) {
    const width = Math.max(270, measureStrip());
    way.attr("viewBox", `0 0 ${width} 110`).attr("height", 110);
    const wide = Math.min(110, width / 5 - 8);
    const at = (place) => wide / 2 + 1 + ((width - wide - 2) * place) / 4;
    const reached = Math.min(stage, 3); // with the fourth the new model is there
    const isOn = (place) => (stage === 4 ? [0, 1, 4].includes(place) : place <= reached || (stage === 3 && place === 4));
    const arrow = (from, to) => `M${from + 1},24 H${to - 2} m-4,-4 l4,4 l-4,4`;
    const ways = [0, 1, 2, 3].map((place) => ({ path: arrow(at(place) + wide / 2, at(place + 1) - wide / 2), on: stage === 4 ? place === 0 : place < reached || (stage === 3 && place === 3) }));
    ways.push({ path: `M${at(1)},44 C${at(1)},86 ${at(1) + 20},80 ${at(1) + 40},80 H${at(4) - 40} C${at(4) - 20},80 ${at(4)},86 ${at(4)},48 m-4,5 l4,-5 l4,5`, on: stage === 4 });
    lines.selectAll("path").data(ways).join("path").attr("class", "push").attr("d", ({ path }) => path).style("stroke", ({ on }) => (on ? "var(--first)" : "var(--soft)")).attr("opacity", ({ on }) => (on ? 1 : 0.5));
    boxes.selectAll("rect").data(PATH).join("rect").attr("x", (_, place) => at(place) - wide / 2).attr("y", 4).attr("width", wide).attr("height", 40).attr("rx", 8)
      .style("fill", "var(--card)").style("stroke", (_, place) => (isOn(place) ? "var(--first)" : "var(--line)")).attr("stroke-width", (_, place) => (isOn(place) ? 2.5 : 1.5));
    const words = [...PATH.flatMap((pair, place) => pair.map((text, row) => ({ x: at(place), y: 20 + 16 * row, text, on: isOn(place) }))), { x: (at(1) + at(4)) / 2, y: 74, text: "DPO", on: stage === 4 },
      ...NUMBERS.map(([text, first, last]) => ({ x: (at(first) + at(last)) / 2, y: -4, text, on: false }))];
    names.selectAll("text").data(words).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("x", ({ x }) => x).attr("y", ({ y }) => y)
      .style("font-size", `${Math.min(12, wide / 5.6)}px`).style("fill", ({ on }) => (on ? "var(--ink)" : "var(--soft)")).text(({ text }) => text);
  }

  function drawVotes(frame, stage) {
    plot.fit();
    const rows = frame.pairs.map(([first, second], place) => ({ first, second, y: 5.7 - place, count: frame.votes[place] }));
    const sides = rows.flatMap(({ y, count }) => [{ y, from: 0, to: count, fill: CHOSEN }, { y, from: count, to: frame.people, fill: OTHER }]);
    const high = plot.y(0) - plot.y(0.5);
    shares.selectAll("rect").data(sides).join("rect").attr("x", ({ from }) => plot.x(from)).attr("width", ({ from, to }) => plot.x(to) - plot.x(from)).attr("y", ({ y }) => plot.y(y) - high / 2).attr("height", high)
      .style("fill", ({ fill }) => fill).attr("opacity", stage >= 1 ? 0.55 : 0.15);
    const words = rows.flatMap(({ first, second, y }) => [{ x: plot.x(0) - 12, y, text: frame.letters[first], fill: CHOSEN }, { x: plot.x(10) + 12, y, text: frame.letters[second], fill: OTHER }]);
    letters.selectAll("text").data(words).join("text").attr("class", "told").attr("text-anchor", "middle").attr("x", ({ x }) => x).attr("y", ({ y }) => plot.y(y) + 5).style("fill", ({ fill }) => fill).text(({ text }) => text);
    handles.forEach((handle, place) => { handle.show(rows[place].count, rows[place].y); handle.group.style("opacity", stage >= 1 ? 1 : 0.3); });
  }

  function drawAnswers(frame, stage) {
    const width = Math.max(260, measure());
    const high = ROW * frame.answers.length + 40;
    answers.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high);
    const [start, end] = [2, width - 58];
    const reach = (share) => start + (end - start) * share;
    const rows = frame.answers.map((answer, place) => ({ answer, place, y: 30 + ROW * place, before: frame.before[place], after: frame.after[place], direct: frame.direct[place], reward: frame.rewards[place] }));
    const done = stage >= 3;
    const pieces = rows.flatMap((row) => [{ row, share: row.before, fill: "var(--soft)", opacity: 0.35, y: 15, tall: 8 }, { row, share: done ? row.after : 0, fill: CHOSEN, opacity: 0.8, y: 25, tall: 14 }]);
    bars.selectAll("rect").data(pieces).join("rect").attr("x", start).attr("y", ({ row, y }) => row.y + y).attr("height", ({ tall }) => tall).attr("rx", 2).attr("width", ({ share }) => reach(share) - start).style("fill", ({ fill }) => fill).attr("opacity", ({ opacity }) => opacity);
    rings.selectAll("circle").data(rows).join("circle").attr("r", 7).attr("cx", ({ direct }) => reach(direct)).attr("cy", ({ y }) => y + 32).style("fill", "none").style("stroke", "var(--ink)").attr("stroke-width", 2.5).attr("opacity", stage >= 4 ? 1 : 0);
    const notes = [{ x: start, y: 14, text: frame.question, kind: "told" }, ...(stage >= 2 ? [{ x: width, y: 14, text: "reward r", kind: "told small", anchor: "end", fill: OTHER }] : []),
      ...rows.flatMap((row) => [
        { x: start, y: row.y + 8, text: `${frame.letters[row.place]}: ${row.answer}`, kind: "told small" },
        { x: reach(row.before) + 5, y: row.y + 23, text: percent(row.before), kind: "told small", fill: "var(--soft)" },
        ...(done ? [{ x: reach(row.after) + (stage >= 4 ? 12 : 5), y: row.y + 37, text: percent(row.after), kind: "told small", fill: CHOSEN, number: `after${row.place + 1}` }] : []),
        ...(stage >= 2 ? [{ x: width, y: row.y + 32, text: withSign(row.reward), kind: "told small", anchor: "end", fill: OTHER }] : []),
      ])];
    texts.selectAll("text").data(notes).join("text").attr("class", ({ kind }) => kind).attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ anchor }) => anchor ?? "start").attr("data-number", ({ number }) => number ?? null)
      .style("fill", ({ fill }) => fill ?? null).text(({ text }) => text);
    answers.attr("aria-label", `Probabilities: ${rows.map(({ answer, before, after }) => `${answer} ${percent(done ? after : before)}`).join(" ")}`);
  }

  function update(frame, { stage }) {
    drawWay(stage);
    drawVotes(frame, stage);
    drawAnswers(frame, stage);
    api.say(frame.told[stage]);
  }

  return { update, local: ["stage"], pace: 0.6 };
}

export const drawings = { preference: drawPreference, stages: drawStages, direct: drawStages };
