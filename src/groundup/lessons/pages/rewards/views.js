// Draws a policy that learns from rewards which of five answers to give, one group of answers, and the clipped loss of one answer.
import { select } from "/static/vendor/d3.js";

import { format, makePair, makeRuler } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

const ROW = 62; // the height of one answer
const RIGHT = "var(--first)";
const REWARD = "var(--second)";

const percent = (share) => `${format(100 * share, 3)}\u00a0%`;
const withSign = (number) => (number > 0 ? `+${format(number, 3)}` : format(number, 3));

// Left: the answers with their probabilities, and below each bar a dot for every time it was drawn. Right: what became of it.
function drawPolicy(api) {
  const [left, right] = makePair(api.root);
  const measure = makeRuler(left);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "group");
  const tracks = svg.append("g");
  const bars = svg.append("g");
  const before = svg.append("g");
  const dots = svg.append("g");
  const texts = svg.append("g");
  const plot = makePlot(right, { x: [0, 60], y: [0, 1], label: "The probability of the right answer and the expected reward after each step", xLabel: "steps", yLabel: "probability, reward", ratio: 1, tallest: 330, lowest: 300, ticks: [6, 5], margin: { left: 38 } });
  const curves = [REWARD, RIGHT].map((colour) => plot.inside.append("path").attr("class", "curve").style("stroke", colour));
  const ends = plot.inside.append("g");
  const names = plot.above.append("g");

  function update(frame, { steps, samples }) {
    // Until the lab has answered, the frame is still that of the former settings.
    const at = Math.min(steps, frame.chances.length - 1);
    const now = frame.chances[at];
    const then = frame.chances[Math.max(0, at - 1)];
    const group = at ? frame.drawn[at - 1] : [];
    const width = Math.max(260, measure());
    const height = ROW * frame.answers.length + 22;
    const [start, end] = [44, width - 62];
    const reach = (share) => start + (end - start) * share;
    svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height);
    const rows = frame.answers.map((answer, place) => {
      const first = group.indexOf(place);
      return { answer, place, y: 22 + ROW * place, drawn: group.filter((one) => one === place).length, advantage: first < 0 ? null : frame.advantages[at - 1][first] };
    });
    const colourOf = ({ advantage }) => (advantage > 0 ? "var(--good)" : advantage < 0 ? "var(--bad)" : "var(--soft)");
    const written = [
      { x: 0, y: 13, text: `${frame.question} = ?`, kind: "told" },
      { x: width, y: 13, text: "reward", kind: "", anchor: "end" },
      ...rows.flatMap((row) => [
        { x: 0, y: row.y + 24, text: row.answer, kind: "told", size: "17px", fill: row.place ? null : RIGHT },
        { x: start, y: row.y + 10, text: frame.notes[row.place], kind: "" },
        { x: Math.min(reach(Math.max(now[row.place], then[row.place])) + 6, end + 6), y: row.y + 28, text: percent(now[row.place]), kind: "told small" },
        { x: width, y: row.y + 10, text: format(frame.worth[row.place], 2), kind: "told small", anchor: "end" },
        ...(row.drawn ? [{ x: width, y: row.y + 47, number: `A${at}_${row.place}`, text: `A = ${withSign(row.advantage)}`, kind: "told small", anchor: "end", fill: colourOf(row) }] : []),
      ]),
    ];
    texts.selectAll("text").data(written).join("text").attr("class", ({ kind }) => kind).attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("data-number", ({ number }) => number ?? null)
      .attr("text-anchor", ({ anchor }) => anchor ?? "start").style("font-size", ({ size }) => size ?? null).style("fill", ({ fill }) => fill ?? null).text(({ text }) => text);
    tracks.selectAll("rect").data(rows).join("rect").attr("x", start).attr("y", ({ y }) => y + 16).attr("width", end - start).attr("height", 15).attr("rx", 3).style("fill", "var(--line)").attr("opacity", 0.5);
    bars.selectAll("rect").data(rows).join("rect").attr("x", start).attr("y", ({ y }) => y + 16).attr("height", 15).attr("rx", 3)
      .attr("width", ({ place }) => reach(now[place]) - start).style("fill", ({ place }) => (place ? "var(--soft)" : RIGHT));
    // A line where the bar ended before the step.
    before.selectAll("line").data(rows).join("line").attr("x1", ({ place }) => reach(then[place])).attr("x2", ({ place }) => reach(then[place])).attr("y1", ({ y }) => y + 13).attr("y2", ({ y }) => y + 34)
      .style("stroke", "var(--ink)").attr("stroke-width", 1.5).attr("opacity", at ? 1 : 0);
    const room = Math.min(13, (width - 82 - start) / 16);
    dots.selectAll("circle").data(rows.flatMap((row) => Array.from({ length: row.drawn }, (_, count) => ({ row, count })))).join("circle")
      .attr("r", room / 2 - 1.4).attr("cx", ({ count }) => start + room * (count + 0.5)).attr("cy", ({ row }) => row.y + 43)
      .style("fill", ({ row }) => (row.advantage > 0 ? colourOf(row) : "none")).style("stroke", ({ row }) => colourOf(row)).attr("stroke-width", 1.8);
    svg.attr("aria-label", `Probabilities: ${frame.answers.map((answer, place) => `${answer} ${percent(now[place])}`).join(", ")}`);

    plot.fit();
    const chance = frame.chances.slice(0, at + 1).map(([share], step) => [step, share]);
    const reward = frame.mean.slice(0, at + 1).map((mean, step) => [step, mean]);
    // With the exact reward both are the same curve: the reward's is broad and pale, so that both are seen.
    [reward, chance].forEach((points, place) => curves[place].attr("d", tracePath(plot, points)).style("stroke-width", place ? null : "8px").attr("opacity", place ? null : 0.5));
    ends.selectAll("circle").data([[...reward.at(-1), REWARD], [...chance.at(-1), RIGHT]]).join("circle").attr("r", 5.5).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y)).style("fill", ([, , fill]) => fill);
    // The legend stands where both curves are far away: at the bottom, in the middle or at the top.
    const later = [...frame.chances.map(([share]) => share), ...frame.mean].filter((_, place) => place % frame.mean.length > 20);
    const distance = (level) => Math.min(1, ...later.map((y) => Math.abs(y - level)));
    const level = [0.1, 0.5, 0.9].reduce((best, one) => (distance(one) > distance(best) + 0.05 ? one : best));
    names.selectAll("text").data([[`● right answer ${format(now[0], 2)}`, RIGHT], [`● expected reward ${format(frame.mean[at], 2)}`, REWARD]]).join("text").attr("class", "told small").attr("text-anchor", "end")
      .attr("x", plot.x(60) - 4).attr("y", (_, place) => plot.y(level) - 4 + 17 * place).style("fill", ([, fill]) => fill).text(([text]) => text);
    api.say(sayStep(frame, at, samples));
  }

  return { update, local: ["steps"], pace: 5 };
}

// What the last group did, and where the policy stands.
function sayStep(frame, at, samples) {
  const stands = `The right answer has probability ${percent(frame.chances[at][0])}, the expected reward is ${format(frame.mean[at], 3)}.`;
  if (!at) return `Nothing is learned yet. ${stands}`;
  const rewards = frame.rewards[at - 1];
  const sum = rewards.reduce((total, reward) => total + reward, 0);
  const equal = rewards.every((reward) => reward === rewards[0]);
  const told = samples === 1 ? "one answer, so its advantage is 0" : equal ? `all ${rewards.length} answers have reward ${format(rewards[0], 2)}, so all advantages are 0` : `${rewards.length} answers, the mean reward in this group is ${format(sum / rewards.length, 3)}`;
  return `Step ${at}: ${told}. ${stands}`;
}

// Left: four drawn answers, their rewards and how far each is from the mean. Right: the bars that they push.
function drawGroup(api) {
  const [left, right] = makePair(api.root);
  const [top, base] = [44, 164]; // the heights of reward 1 and of reward 0
  const high = 250;
  const scene = select(left).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "Four drawn answers, their rewards and advantages");
  const marks = scene.append("g");
  const words = scene.append("g");
  const cards = scene.append("g");
  const bars = select(right).append("svg").attr("class", "plot").attr("role", "img");
  const shapes = bars.append("g");
  const texts = bars.append("g");
  const glide = (node, moves) => {
    for (const [name, value] of Object.entries(moves)) node.style(name, value);
    return node.style("transition", api.isCalm ? "none" : "x .5s, y .5s, width .5s, height .5s, opacity .5s");
  };
  const colourOf = (value) => (value > 0 ? "var(--good)" : value < 0 ? "var(--bad)" : "var(--soft)");

  function update(frame, { stage }) {
    const width = Math.max(260, left.clientWidth);
    scene.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high);
    const [start, wide] = [44, (width - 48) / 4];
    const level = (reward) => base + (top - base) * reward;
    const columns = [...frame.drawn].map((place, at) => ({ place, at, x: start + wide * (at + 0.5), reward: frame.rewards[at], advantage: frame.advantages[at] }));
    // The two levels of a reward, the mean, a bar from the mean to each reward, and the reward itself.
    const lines = [
      { kind: "level", y: level(1) }, { kind: "level", y: level(0) }, { kind: "mean", y: level(frame.mean) },
    ];
    marks.selectAll("line").data(lines).join("line").attr("x1", start).attr("x2", width - 4).attr("y1", ({ y }) => y).attr("y2", ({ y }) => y)
      .style("stroke", ({ kind }) => (kind === "mean" ? "var(--ink)" : "var(--line)")).attr("stroke-width", ({ kind }) => (kind === "mean" ? 2 : 1)).attr("stroke-dasharray", ({ kind }) => (kind === "mean" ? "6 4" : null))
      .style("opacity", ({ kind }) => (stage >= 1 || kind === "level" ? 1 : 0));
    const reach = columns.map((column) => ({ ...column, from: Math.min(level(frame.mean), level(column.reward)), tall: Math.abs(level(frame.mean) - level(column.reward)) }));
    glide(marks.selectAll("rect").data(reach).join("rect").attr("width", 14).attr("x", ({ x }) => x - 7).style("fill", ({ advantage }) => colourOf(advantage)), {
      y: ({ from }) => `${stage >= 2 ? from : level(frame.mean)}px`, height: ({ tall }) => `${stage >= 2 ? tall : 0}px`, opacity: stage >= 2 ? 0.55 : 0,
    });
    marks.selectAll("circle").data(columns).join("circle").attr("r", 8).attr("cx", ({ x }) => x).attr("cy", ({ reward }) => level(reward)).style("fill", REWARD).style("opacity", stage >= 1 ? 1 : 0);
    const told = [
      { x: 4, y: level(1) + 5, text: "1" }, { x: 4, y: level(0) + 5, text: "0" }, { x: 4, y: top - 24, text: "reward" },
      ...(stage >= 1 ? [{ x: width - 4, y: top - 24, text: `mean ${format(frame.mean, 3)}`, anchor: "end", fill: "var(--ink)" }] : []),
      ...(stage >= 2 ? columns.map(({ x, advantage }) => ({ x, y: base + 76, text: `A = ${withSign(advantage)}`, anchor: "middle", fill: colourOf(advantage) })) : []),
    ];
    words.selectAll("text").data(told).join("text").attr("class", "told small").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ anchor }) => anchor ?? "start").style("fill", ({ fill }) => fill ?? null).text(({ text }) => text);
    const turn = ({ place, at }) => api.set({ drawn: api.values.drawn.map((one, other) => (other === at ? [(place + 1) % frame.answers.length] : one)) });
    const card = cards.selectAll("g").data(columns).join((enter) => {
      const made = enter.append("g").attr("tabindex", 0).attr("role", "button").style("cursor", "pointer");
      made.append("rect").attr("width", 48).attr("height", 38).attr("x", -24).attr("y", base + 18).attr("rx", 8).style("fill", "var(--page)").style("stroke", "var(--soft)");
      made.append("text").attr("class", "told").attr("text-anchor", "middle").attr("y", base + 43).style("font-size", "17px");
      return made;
    });
    card.attr("transform", ({ x }) => `translate(${x},0)`).attr("aria-label", ({ place, at }) => `drawn answer ${at + 1}: ${frame.answers[place]}; press for another`)
      .on("click", (_, column) => turn(column)).on("keydown", (event, column) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(column); } });
    card.select("text").text(({ place }) => frame.answers[place]).style("fill", ({ place }) => (place ? "var(--ink)" : RIGHT));

    // The bars: before the step, and from the last stage on after it; an arrow from the one to the other.
    const across = Math.max(260, right.clientWidth);
    bars.attr("viewBox", `0 0 ${across} ${high}`).attr("height", high);
    const [begin, end] = [44, across - 66];
    const most = Math.max(0.45, ...frame.after);
    const scale = (share) => begin + ((end - begin) * share) / most;
    const done = stage >= 3;
    const rows = frame.answers.map((answer, place) => ({ answer, place, y: 26 + 44 * place, before: frame.before[place], after: frame.after[place], push: frame.pushes[place], count: frame.counts[place] }));
    const pieces = rows.flatMap((row) => [
      { row, kind: "bar", x: begin, wide: scale(done ? row.after : row.before) - begin, fill: row.place ? "var(--soft)" : RIGHT },
      { row, kind: "push", x: Math.min(scale(row.before), scale(row.after)), wide: done ? Math.abs(scale(row.after) - scale(row.before)) : 0, fill: colourOf(row.push) },
    ]);
    glide(shapes.selectAll("rect").data(pieces).join("rect").attr("y", ({ row, kind }) => row.y + (kind === "push" ? 20 : 2)).attr("height", ({ kind }) => (kind === "push" ? 5 : 16)).attr("rx", 2).style("fill", ({ fill }) => fill), {
      x: ({ x }) => `${x}px`, width: ({ wide: length }) => `${Math.max(0, length)}px`,
    });
    shapes.selectAll("line").data(rows).join("line").attr("x1", ({ before }) => scale(before)).attr("x2", ({ before }) => scale(before)).attr("y1", ({ y }) => y - 1).attr("y2", ({ y }) => y + 26).style("stroke", "var(--ink)").attr("stroke-width", 1.5).style("opacity", done ? 1 : 0);
    const notes = rows.flatMap((row) => [
      { x: 2, y: row.y + 16, text: row.answer, size: "16px", fill: row.place ? "var(--ink)" : RIGHT },
      { x: Math.max(scale(row.before), scale(done ? row.after : row.before)) + 6, y: row.y + 15, text: percent(done ? row.after : row.before) },
      ...(done && row.count ? [{ x: across - 4, y: row.y + 29, anchor: "end", text: `logit ${withSign(row.push)}`, fill: colourOf(row.push) }] : []),
    ]);
    texts.selectAll("text").data([{ x: 2, y: 14, text: "probability" }, ...notes]).join("text").attr("class", "told small").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ anchor }) => anchor ?? "start").style("font-size", ({ size }) => size ?? null).style("fill", ({ fill }) => fill ?? null).text(({ text }) => text);
    bars.attr("aria-label", `Probabilities: ${rows.map(({ answer, before, after }) => `${answer} ${percent(done ? after : before)}`).join(", ")}`);
    api.say(frame.told[stage]);
  }

  return { update, local: ["stage"], pace: 0.7 };
}

// The loss over the ratio: a line that becomes flat where the ratio has moved far enough.
function drawClip(api) {
  const plot = makePlot(api.root, { x: [0, 2], y: [-3.2, 3.2], label: "The loss of one answer for each ratio", xLabel: "ratio ρ of the new to the old probability", yLabel: "loss", ratio: 0.55, tallest: 350, lowest: 250 });
  const limits = plot.inside.append("g");
  const plain = plot.inside.append("path").attr("class", "curve pale");
  const curve = plot.inside.append("path").attr("class", "curve");
  const names = plot.above.append("g");
  const handle = makeHandle(plot, {
    label: "the ratio", axis: "x", step: 0.05, bounds: { x: [0.05, 2] }, text: ({ x, y }) => `ratio ${format(x, 3)}, loss ${format(y, 3)}`,
    move: ({ x }) => api.set({ ratio: Math.round(20 * x) / 20 }),
  });

  function update(frame, { ratio }) {
    plot.fit();
    const ends = [[frame.low, "1 − ε"], [1, "1"], [frame.high, "1 + ε"]];
    limits.selectAll("line").data(ends).join("line").attr("class", ([at]) => `limit ${at === 1 ? "" : "strong"}`).attr("x1", ([at]) => plot.x(at)).attr("x2", ([at]) => plot.x(at)).attr("y1", plot.y(-3.2)).attr("y2", plot.y(3.2));
    plain.attr("d", tracePath(plot, frame.plain));
    curve.attr("d", tracePath(plot, frame.curve));
    const texts = [
      ...ends.filter(([at]) => at !== 1).map(([at, text], place) => ({ x: plot.x(at) + (place ? 5 : -5), y: plot.y(3.2) + 15, text, anchor: place ? "start" : "end" })),
      { x: plot.x(2) - 4, y: plot.y(-3.2) - 10, anchor: "end", text: frame.slope ? `gradient ${format(frame.slope, 3)}: it becomes ${frame.slope < 0 ? "likelier" : "less likely"}` : "gradient 0: nothing moves" },
    ];
    names.selectAll("text").data(texts).join("text").attr("class", "told small").attr("text-anchor", ({ anchor }) => anchor).attr("x", ({ x }) => x).attr("y", ({ y }) => y).text(({ text }) => text);
    handle.show(ratio, frame.loss);
  }

  return { update };
}

export const drawings = { policy: drawPolicy, group: drawGroup, clip: drawClip };
