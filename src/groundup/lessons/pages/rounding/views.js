// Draws weights on the grid of their allowed values, a rounded table with its loss, and a GPT with rounded weights.
import { select } from "/static/vendor/d3.js";

import { readColours, signed } from "/static/views/colours.js";
import { element, format, makePair } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";
import { showToken, whenReady } from "/static/views/waiting.js";

const FAR = 8; // as far as the hand moves a weight
const COLOURS = ["var(--first)", "var(--second)"];

// Two rows of weights. Lines: the allowed values; a box: all that is rounded to its middle; a bar: what the weight becomes.
function drawGrid(api) {
  const plot = makePlot(api.root, { x: [-0.7, 10.7], y: [-FAR - 0.6, FAR + 0.6], label: "Two rows of weights and the values that they may have", yLabel: "weight", ratio: 0.6, tallest: 400, lowest: 330, ticks: [0, 8], margin: { top: 50, bottom: 46, left: 34, right: 6 } });
  const lines = plot.inside.append("g").attr("fill", "none");
  const boxes = plot.inside.append("g");
  const errors = plot.inside.append("g").style("stroke", "var(--bad)").attr("stroke-width", 4);
  const bars = plot.inside.append("g").attr("stroke-width", 3);
  const heads = plot.above.append("g");
  const names = plot.above.append("g");
  const wholes = plot.above.append("g");
  let handles = null;

  function update(frame, { weights }) {
    const { width, height } = plot.fit();
    const across = frame.columns.length;
    const find = (row, column) => row * (across + 0.9) + column + 0.05;
    const unit = plot.x(1) - plot.x(0);
    const all = frame.rows.flatMap((letter, row) => frame.columns.map((after, column) => ({
      row, x: plot.x(find(row, column)), name: letter + after,
      weight: frame.weights[row][column], rounded: frame.rounded[row][column], number: frame.numbers[row][column], scale: frame.scales[row],
    })));
    lines.selectAll("path").data(frame.scales).join("path").style("stroke", (_, row) => COLOURS[row])
      .attr("opacity", (scale) => Math.min(0.55, 0.06 + (plot.y(0) - plot.y(scale)) / 22))
      .attr("d", (scale, row) => {
        const [left, right] = [plot.x(find(row, -0.45)), plot.x(find(row, across - 0.55))];
        return Array.from({ length: 2 * frame.largest + 1 }, (_, place) => `M${left},${plot.y((place - frame.largest) * scale)}H${right}`).join("");
      });
    boxes.selectAll("rect").data(all).join("rect").attr("x", ({ x }) => x - 0.36 * unit).attr("width", 0.72 * unit).style("fill", ({ row }) => COLOURS[row]).attr("opacity", 0.2)
      .attr("y", ({ rounded, scale }) => plot.y(rounded + scale / 2)).attr("height", ({ scale }) => plot.y(0) - plot.y(scale));
    errors.selectAll("line").data(all).join("line").attr("x1", ({ x }) => x).attr("x2", ({ x }) => x).attr("y1", ({ weight }) => plot.y(weight)).attr("y2", ({ rounded }) => plot.y(rounded));
    bars.selectAll("line").data(all).join("line").attr("x1", ({ x }) => x - 0.36 * unit).attr("x2", ({ x }) => x + 0.36 * unit).style("stroke", ({ row }) => COLOURS[row])
      .attr("y1", ({ rounded }) => plot.y(rounded)).attr("y2", ({ rounded }) => plot.y(rounded));
    heads.selectAll("text").data(frame.scales).join("text").attr("class", "told").attr("text-anchor", "middle").attr("y", 18).attr("x", (_, row) => plot.x(find(row, (across - 1) / 2)))
      .style("fill", (_, row) => COLOURS[row]).attr("data-number", (_, row) => `s${row}`).text((scale, row) => `row ${frame.rows[row]}: s = ${format(scale, 3)}`);
    wholes.selectAll("text").data(all).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("y", height - 28).attr("x", ({ x }) => x)
      .style("font-size", width < 420 ? "11px" : null).attr("data-number", (_, place) => `q${Math.floor(place / across)}_${place % across}`).text(({ number }) => format(number, 3));
    names.selectAll("text").data([{ x: 16, name: "q" }, { x: 16, name: "" }, ...all]).join("text").attr("text-anchor", "middle").attr("x", ({ x }) => x).attr("y", ({ name }) => (name === "q" ? height - 28 : height - 9)).style("font-style", ({ name }) => (name === "q" ? "italic" : null)).text(({ name }) => name);
    handles ??= all.map(({ row, name }, place) => makeHandle(plot, {
      label: `weight ${name}`, axis: "y", step: 0.05, radius: 6, bounds: { y: [-FAR, FAR] }, kind: row ? "other" : "", text: ({ y }) => format(y, 3),
      move: ({ y }) => api.set({ weights: api.values.weights.map((weight, at) => (at === place ? [Math.round(100 * y) / 100] : weight)) }),
    }));
    handles.forEach((handle, place) => handle.show(find(Math.floor(place / across), place % across), weights[place][0]));
  }

  return { update };
}

// Left: the rounded table, blue above 0 and orange below. Right: the loss, from 8 bits down to the chosen number.
function drawTable(api) {
  const [left, right] = makePair(api.root);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "The table of weights after rounding: a row for each letter, a column for the letter after it");
  const squares = svg.append("g");
  const names = svg.append("g");
  const losses = makeLosses(right, [2.2, 3.9]);

  function update(frame) {
    const room = Math.max(240, left.clientWidth);
    const side = Math.min(13, (room - 20) / frame.letters.length);
    const whole = 18 + side * frame.letters.length;
    svg.attr("viewBox", `0 0 ${whole} ${whole}`).attr("height", whole).style("width", `${whole}px`);
    const colours = readColours();
    squares.selectAll("rect").data(frame.table.flatMap((row, i) => row.map((weight, j) => ({ weight, i, j })))).join("rect")
      .attr("x", ({ j }) => 18 + j * side).attr("y", ({ i }) => 18 + i * side).attr("width", side - 0.6).attr("height", side - 0.6).attr("fill", ({ weight }) => signed(weight, 6, colours));
    const show = (letter) => (letter === " " ? "␣" : letter);
    names.selectAll("text").data([...frame.letters.map((letter, i) => [8, 18 + (i + 0.75) * side, letter]), ...frame.letters.map((letter, j) => [18 + (j + 0.45) * side, 12, letter])]).join("text")
      .attr("x", ([x]) => x).attr("y", ([, y]) => y).attr("text-anchor", "middle").style("font", "11px ui-monospace,monospace").text(([, , letter]) => show(letter));
    const tried = (found) => found.map((loss, place) => [place + 2, loss]).filter(([bits]) => bits >= frame.bits);
    losses({ row: tried(frame.row), matrix: tried(frame.matrix), frame, names: ["one scale per row", "one scale for the table"] });
  }

  return { update };
}

// Returns a function that draws losses over bits: of one scale per row, and of one scale alone.
function makeLosses(root, domain) {
  const plot = makePlot(root, { x: [1.7, 8.3], y: domain, label: "The loss for each number of bits", xLabel: "bits per weight n", yLabel: "loss", ratio: 0.85, tallest: 350, lowest: 250, ticks: [7, 5], margin: { left: 40 } });
  const limits = plot.inside.append("g");
  const curves = ["known", "unknown"].map((kind) => plot.inside.append("path").attr("class", `curve ${kind}`));
  const dots = plot.above.append("g");
  const told = plot.above.append("g");

  return ({ row, matrix, frame, names, y = domain }) => {
    plot.fit({ y });
    const levels = [[frame.nothing, "knows nothing"], [frame.full, "not rounded"]];
    limits.selectAll("line").data(levels).join("line").attr("class", "limit strong").attr("x1", plot.x(1.7)).attr("x2", plot.x(8.3)).attr("y1", ([at]) => plot.y(at)).attr("y2", ([at]) => plot.y(at));
    [matrix, row].forEach((found, place) => curves[1 - place].attr("d", tracePath(plot, found)));
    const points = [...matrix.map((point) => [...point, "matrix"]), ...row.map((point) => [...point, "row"])];
    dots.selectAll("circle").data(points).join("circle").attr("class", ([, , kind]) => `error-dot ${kind === "row" ? "" : "unknown"}`)
      .attr("r", ([bits, , kind]) => (bits === frame.bits && kind === frame.scales ? 7 : 4)).attr("cx", ([bits]) => plot.x(bits)).attr("cy", ([, loss]) => plot.y(loss));
    const texts = [
      ...levels.map(([at, name]) => ({ x: plot.x(8.3) - 4, y: plot.y(at) + (at === frame.full ? 16 : -7), text: `${name}: ${format(at, 4)}` })),
      ...names.map((text, place) => ({ x: plot.x(8.3) - 4, y: plot.y(y[1]) + 14 + 17 * place, text: `● ${text}`, fill: COLOURS[place] })),
    ];
    told.selectAll("text").data(texts).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", ({ x }) => x).attr("y", ({ y: at }) => at).style("fill", ({ fill }) => fill ?? null).text(({ text }) => text);
  };
}

// What a GPT with rounded weights writes, and the losses of all settings that were tried.
function drawGPT(api) {
  const [before, after] = ["32 bits", "rounded"].map((name) => {
    const card = element("div");
    card.style.cssText = "padding:.4rem .6rem;border:1px solid var(--line);border-radius:.6rem;background:var(--page)";
    const head = element("p", "part-name", name);
    const text = element("p");
    text.style.cssText = "margin:0;min-height:9em;font:.9rem/1.45 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap";
    card.append(head, text);
    return { card, head, text };
  });
  const cards = element("div");
  cards.style.cssText = "display:grid;grid-template-columns:1fr 1fr;gap:.6rem;margin-bottom:.6rem";
  cards.append(before.card, after.card);
  const size = element("p");
  size.style.cssText = "margin:.6rem 0 .2rem;font-weight:600;font-variant-numeric:tabular-nums";
  const track = element("div");
  track.style.cssText = "height:14px;border-radius:4px;background:var(--line);overflow:hidden";
  const bar = element("div");
  bar.style.cssText = "height:100%;background:var(--first);transition:width .2s";
  track.append(bar);
  const [left, right] = makePair(api.root);
  const outlier = element("p");
  outlier.style.cssText = "margin:.8rem 0 0;font-size:.92rem;color:var(--soft)";
  left.append(cards, size, track, outlier);
  const losses = makeLosses(right, [0, 5]);
  const tried = { row: new Map(), matrix: new Map() };
  let whose = null;

  function update(frame) {
    if (whose !== frame.whose) { tried.row.clear(); tried.matrix.clear(); whose = frame.whose; }
    tried[frame.scales].set(frame.bits, frame.loss);
    const same = [...frame.written].findIndex((sign, place) => sign !== frame.unrounded[place]);
    const parts = same < 0 ? [frame.written, ""] : [frame.written.slice(0, same), frame.written.slice(same)];
    const colour = (text, name) => { const part = element("span", "", text); part.style.color = `var(--${name})`; return part; };
    before.text.replaceChildren(frame.text, colour(frame.unrounded, "first"));
    after.text.replaceChildren(frame.text, colour(parts[0], "first"), colour(parts[1], "bad"));
    after.head.textContent = `${frame.bits} bits, ${frame.scales === "row" ? "one scale per row" : "one scale per matrix"}`;
    const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`;
    size.textContent = `${megabytes(frame.size)} instead of ${megabytes(frame.whole)}`;
    bar.style.width = `${(100 * frame.size) / frame.whole}%`;
    outlier.textContent = `The largest weight of the matrix that gives the logits is ${format(frame.largest, 3)}, in the row of ${showToken(frame.widest)}. In half of its rows none is larger than ${format(frame.usual, 3)}.`;
    const sort = (found) => [...found].sort(([one], [other]) => one - other);
    const [row, matrix] = [sort(tried.row), sort(tried.matrix)];
    const most = Math.max(frame.nothing, ...[...row, ...matrix].map(([, loss]) => loss));
    losses({ row, matrix, frame, names: ["one scale per row", "one scale per matrix"], y: [0, 1.5 * most] });
  }

  return { update };
}

export const drawings = { grid: drawGrid, table: drawTable, rounded: whenReady(drawGPT) };
