// Draws which tokens of a conversation count, a GPT before and after it learned to answer, and examples that share rows.
import { select } from "/static/vendor/d3.js";

import { element, format, makeLine, makePair } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";
import { whenReady } from "/static/views/waiting.js";

const OWN = "var(--first)";
const OTHER = "var(--second)";
const MARK = "var(--third)";
const BEGUN = "var(--third)";
const COLOURS = ["var(--first)", "var(--second)", "var(--good)", "var(--third)"];

// A column for each position: above what is read, below what must come next.
function drawTokens(api) {
  const row = element("div");
  row.style.cssText = "display:flex;flex-wrap:wrap;gap:3px;min-height:150px;align-content:flex-start";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "positions: what is read, and what must come next");
  api.root.append(row);
  const suppose = makeLine(api.root, "If each token of an answer has the probability 0.5, and any other 0.1: L = %");
  let chosen = null; // the position under the hand, in this frame

  function update(frame) {
    if (chosen?.frame !== frame) chosen = null;
    const at = chosen?.place ?? frame.first;
    const data = frame.inputs.map((input, place) => ({ input, place, role: frame.roles[place], target: frame.targets[place], counts: frame.counts[place] }));
    const pick = (_, { place }) => { if (at !== place || !chosen) { chosen = { frame, place }; api.redraw(); } };
    const item = select(row).selectAll("button").data(data).join((enter) => {
      const made = enter.append("button").attr("type", "button")
        .style("display", "grid").style("padding", "2px").style("gap", "3px").style("border", "2px solid transparent").style("background", "transparent").style("min-width", "2rem").style("justify-items", "stretch");
      for (const kind of ["input", "target"]) made.append("span").attr("class", kind).style("padding", "1px 5px").style("border-radius", "4px").style("border", "1px solid var(--line)").style("font", ".82rem/1.5 ui-monospace,monospace").style("white-space", "nowrap").style("text-align", "center");
      return made;
    });
    item.on("pointerenter", pick).on("focus", pick).on("click", pick)
      .attr("aria-pressed", ({ place }) => String(place === at)).attr("aria-label", ({ place }) => frame.told[place])
      .style("border-color", ({ place }) => (place === at ? "var(--ink)" : "transparent"));
    item.select(".input").text(({ input }) => input).style("background", ({ place }) => (place <= at ? "color-mix(in srgb, var(--first) 10%, var(--page))" : "var(--page)")).style("color", ({ role }) => ({ mark: MARK, assistant: OWN, user: "var(--ink)" })[role]);
    item.select(".target").text(({ target, counts }) => (counts ? target : "–")).style("background", ({ counts }) => (counts ? OWN : "transparent")).style("color", ({ counts }) => (counts ? "var(--page)" : "var(--soft)"))
      .style("border-style", ({ counts }) => (counts ? "solid" : "dashed")).style("font-weight", ({ counts }) => (counts ? 600 : 400));
    suppose([[format(frame.loss, 3), "loss"]]);
    api.say(frame.told.length ? `${frame.told[at]} ${frame.says}` : frame.says);
  }

  return { update };
}

// A frame with a text that a model writes.
function makeCard(root, title) {
  const card = element("div");
  card.style.cssText = "border:1px solid var(--line);border-radius:.6rem;padding:.5rem .75rem;margin-bottom:.6rem;background:var(--page)";
  const text = element("p");
  text.style.cssText = "margin:.2rem 0 0;min-height:4.6em;font:.95rem/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere";
  const head = element("p", "part-name", title);
  card.append(head, text);
  root.append(card);
  return { head, text };
}

function colourPart(text, colour) {
  const made = element("span", "", text);
  made.style.color = colour;
  return made;
}

// A question as a message, and what the model writes behind it.
const writeAnswer = (question, answer, ended) => [
  colourPart("<|user|>", MARK), question, colourPart("<|end|><|assistant|>", MARK), colourPart(answer, OWN),
  ended ? colourPart("<|end|>", MARK) : colourPart(" …", "var(--soft)"),
];

// Left: the model that only continues texts, and the same model after some steps. Right: how many answers are exact.
function drawTuned(api) {
  const [left, right] = makePair(api.root);
  const before = makeCard(left, "before: it continues the question");
  const after = makeCard(left, "after");
  const verdict = element("p");
  verdict.style.cssText = "margin:0;font-size:.92rem;min-height:3em";
  left.append(verdict);
  const plot = makePlot(right, { x: [0, 100], y: [0, 1], label: "The share of questions that are answered exactly", xLabel: "steps", yLabel: "share of the questions", ratio: 0.85, tallest: 320, lowest: 260, ticks: [5, 5], margin: { left: 38 } });
  const curves = [BEGUN, OWN, OTHER].map((colour) => plot.inside.append("path").attr("class", "curve").style("stroke", colour));
  const ends = plot.inside.append("g");
  const names = plot.above.append("g");

  function update(frame, { steps }) {
    const at = Math.min(frame.steps.length - 1, Math.round(steps / (frame.steps[1] - frame.steps[0])));
    before.text.replaceChildren(frame.question, colourPart(`${frame.before} …`, OTHER));
    after.head.textContent = `after ${frame.steps[at]} steps: it answers a message`;
    after.text.replaceChildren(...writeAnswer(frame.question, frame.answers[at], frame.ended[at]));
    const exact = frame.answers[at] === frame.right && frame.ended[at];
    verdict.textContent = `${exact ? "Exactly right." : frame.ended[at] ? "Not the right answer." : "It does not end its answer."} ${frame.learned ? "This question is one of those that it learns from." : "It was never shown the answer to this question."}`;
    plot.fit();
    const lines = [frame.begun, ...frame.shares].map((share) => share.slice(0, at + 1).map((one, place) => [frame.steps[place], one]));
    lines.forEach((line, place) => curves[place].attr("d", tracePath(plot, line)).attr("stroke-dasharray", ["2 4", null, "7 5"][place]));
    ends.selectAll("circle").data(lines.map((line, place) => [...line.at(-1), [BEGUN, OWN, OTHER][place]])).join("circle").attr("r", 5.5).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y)).style("fill", ([, , fill]) => fill);
    names.selectAll("text").data([["● learned from, exact", OWN], ["● never asked, exact", OTHER], ["● never asked, first sentence right", BEGUN]]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", plot.x(100) - 4).attr("y", (_, place) => plot.y(0.5) - 17 + 17 * place).style("fill", ([, fill]) => fill).text(([text]) => text);
    api.say(frame.told[at]);
  }

  return { update, local: ["steps"], pace: 2 };
}

// Above: the answers of two models to the same question. Below: how many questions each answers exactly.
function drawBeside(api) {
  const colours = [OWN, OTHER];
  const cards = makePair(api.root).map((side, place) => makeCard(side, ["only the answers count", "everything counts"][place]));
  cards.forEach(({ head }, place) => { head.style.color = colours[place]; });
  const plot = makePlot(api.root, { x: [0, 100], y: [0, 1], label: "The share of the questions never asked that each model answers exactly", xLabel: "steps", yLabel: "never asked, answered exactly", ratio: 0.35, tallest: 240, lowest: 200, ticks: [10, 5], margin: { left: 38 } });
  const curves = colours.map((colour) => plot.inside.append("path").attr("class", "curve").style("stroke", colour));
  const ends = plot.inside.append("g");
  const names = plot.above.append("g");

  function update(frame, { steps }) {
    const at = Math.min(frame.steps.length - 1, Math.round(steps / (frame.steps[1] - frame.steps[0])));
    cards.forEach(({ text }, place) => {
      const told = colourPart(frame.exact[place][at] ? " ✓" : " ✗", frame.exact[place][at] ? "var(--good)" : "var(--bad)");
      text.replaceChildren(...writeAnswer(frame.question, frame.answers[place][at], frame.ended[place][at]), told);
    });
    plot.fit();
    const lines = frame.shares.map((share) => share.slice(0, at + 1).map((one, place) => [frame.steps[place], one]));
    lines.forEach((line, place) => curves[place].attr("d", tracePath(plot, line)).attr("stroke-dasharray", place ? "7 5" : null));
    ends.selectAll("circle").data(lines.map((line, place) => [...line.at(-1), colours[place]])).join("circle").attr("r", 5.5).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y)).style("fill", ([, , fill]) => fill);
    names.selectAll("text").data([["● only the answers count", OWN], ["● everything counts", OTHER]]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", plot.x(100) - 4).attr("y", (_, place) => plot.y(0.5) - 9 + 17 * place).style("fill", ([, fill]) => fill).text(([text]) => text);
    api.say(frame.told[at]);
  }

  return { update, local: ["steps"], pace: 2 };
}

// Left: the examples, whose lengths the hand drags. Right: the rows that they share, and what the first row may see.
function drawPacking(api) {
  const [left, right] = makePair(api.root);
  const plot = makePlot(left, { x: [-0.7, 7.7], y: [0, 16.6], label: "The lengths of eight examples", xLabel: "", yLabel: "tokens of each example", ratio: 0.8, tallest: 330, lowest: 270, ticks: [0, 6], margin: { left: 30, bottom: 30 } });
  const bars = plot.inside.append("g");
  const names = plot.above.append("g");
  const colour = (number) => COLOURS[number % COLOURS.length];
  const handles = Array.from({ length: 8 }, (_, place) => makeHandle(plot, {
    label: `length of example ${place + 1}`, axis: "y", step: 1, radius: 7, bounds: { y: [1, 16] }, text: ({ y }) => `${y} tokens`,
    move: ({ y }) => api.set({ lengths: api.values.lengths.map((length, at) => (at === place ? [Math.round(y)] : length)) }),
  }));
  const svg = select(right).append("svg").attr("class", "plot").attr("role", "img");
  const rows = svg.append("g");
  const cells = svg.append("g");
  const words = svg.append("g");

  function update(frame) {
    plot.fit();
    const unit = plot.x(1) - plot.x(0);
    bars.selectAll("rect").data(frame.lengths).join("rect").attr("x", (_, at) => plot.x(at) - 0.3 * unit).attr("width", 0.6 * unit).attr("y", (length) => plot.y(length)).attr("height", (length) => plot.y(0) - plot.y(length)).style("fill", (_, at) => colour(at)).attr("opacity", 0.55);
    names.selectAll("text").data(frame.lengths).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("x", (_, at) => plot.x(at)).attr("y", plot.y(0) + 18).text((_, at) => at + 1);
    handles.forEach((handle, place) => handle.show(place, frame.lengths[place]));

    const width = Math.max(240, right.clientWidth);
    const line = 21;
    const side = (width - 4) / frame.room;
    const top = 18 + 8 * line + 24;
    const small = Math.min((width - 4) / frame.room, 150 / frame.room);
    const height = top + small * frame.room + 4;
    svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height).attr("aria-label", `${frame.rows.length} rows of ${frame.room} positions`);
    const blocks = frame.rows.flatMap((row, r) => [{ r, begin: 0, length: frame.room, number: null }, ...row.map(([number, begin, length]) => ({ r, begin, length, number }))]);
    rows.selectAll("rect").data(blocks).join("rect").attr("x", ({ begin }) => 2 + begin * side).attr("y", ({ r }) => 18 + r * line).attr("width", ({ length }) => length * side - 1).attr("height", line - 4).attr("rx", 3)
      .style("fill", ({ number }) => (number === null ? "var(--line)" : colour(number))).attr("opacity", ({ number }) => (number === null ? 0.45 : 0.55));
    cells.selectAll("rect").data(frame.mask.flatMap((row, i) => row.map((sees, j) => ({ sees, i, j })))).join("rect").attr("x", ({ j }) => 2 + j * small).attr("y", ({ i }) => top + i * small).attr("width", small - 0.7).attr("height", small - 0.7)
      .style("fill", ({ sees, i, j }) => (!sees ? "var(--line)" : frame.numbers[i] < 0 ? "var(--soft)" : frame.numbers[i] === frame.numbers[j] ? colour(frame.numbers[i]) : "var(--bad)")).attr("opacity", ({ sees, i }) => (!sees ? 0.35 : frame.numbers[i] < 0 ? 0.3 : 0.8));
    const texts = [
      { x: 2, y: 12, text: `rows of ${frame.room} positions`, kind: "" },
      { x: 2, y: top - 7, text: "row 1: who sees whom", kind: "" },
      ...blocks.filter(({ number }) => number !== null).map(({ r, begin, length, number }) => ({ x: 2 + (begin + length / 2) * side, y: 18 + r * line + 13, text: number + 1, kind: "told small", anchor: "middle" })),
      { x: 2 + small * frame.room + 10, y: top + 14, text: "row: a token that looks", kind: "" },
      { x: 2 + small * frame.room + 10, y: top + 32, text: "column: what it may see", kind: "" },
    ];
    words.selectAll("text").data(texts).join("text").attr("class", ({ kind }) => kind).attr("text-anchor", ({ anchor }) => anchor ?? "start").attr("x", ({ x }) => x).attr("y", ({ y }) => y).text(({ text }) => text);
  }

  return { update };
}

export const drawings = { tokens: drawTokens, tuned: whenReady(drawTuned), beside: whenReady(drawBeside), packing: drawPacking };
