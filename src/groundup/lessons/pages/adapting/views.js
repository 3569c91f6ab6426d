// Draws a change of low rank: of a table of letters, one made by hand, and those of a GPT that learned to answer.
import { select } from "/static/vendor/d3.js";

import { readColours, signed } from "/static/views/colours.js";
import { makeDiagram, makeKnob } from "/static/views/diagram.js";
import { element, format, makePair, makeRuler } from "/static/views/elements.js";
import { makePixels, makeSquares, signedColour } from "/static/views/pixels.js";
import { makePlot, tracePath } from "/static/views/plot.js";
import { whenReady } from "/static/views/waiting.js";

const LOW = "var(--first)";
const ALL = "var(--second)";
const show = (letter) => (letter === " " ? "␣" : letter);

// Left: A above the change, B beside it; the square under the hand, and its row of B and column of A. Right: the loss.
function drawChange(api) {
  const [left, right] = makePair(api.root);
  const measure = makeRuler(left);
  const field = element("div");
  left.append(field);
  const { paint } = makeSquares(field);
  const svg = select(field).append("svg").attr("class", "plot").attr("role", "img").attr("tabindex", 0)
    .attr("aria-label", "The change, a square for each pair of letters; A above it and B beside it. Arrow keys choose a square.");
  svg.style("position", "relative");
  const frames = svg.append("g").attr("fill", "none").style("stroke", "var(--ink)").attr("stroke-width", 1.6);
  const names = svg.append("g");
  const axes = svg.append("g");
  const told = element("p");
  told.style.cssText = "margin:.3rem 0 0;font-size:.88rem;min-height:3.9em;font-variant-numeric:tabular-nums";
  left.append(told);
  const plot = makePlot(right, { x: [0, 12.4], y: [2.28, 2.56], label: "The loss for each rank that you tried", xLabel: "rank r", yLabel: "loss on the plays", ratio: 0.95, tallest: 340, lowest: 250, ticks: [6, 5], margin: { left: 44 } });
  const limits = plot.inside.append("g");
  const dots = plot.above.append("g");
  const words = plot.above.append("g");
  const tried = new Map();
  const at = { node: 5, feature: 20 }; // the square under the hand: e after t
  let side = 8;
  let corner = 0;
  const choose = (node, feature) => {
    const most = api.frame.letters.length - 1;
    at.node = Math.max(0, Math.min(most, node));
    at.feature = Math.max(0, Math.min(most, feature));
    api.redraw();
  };
  svg.on("pointermove pointerdown", (event) => {
    const box = svg.node().getBoundingClientRect();
    const scale = svg.node().viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    if (x > corner && y > corner) choose(Math.floor((y - corner) / side), Math.floor((x - corner) / side));
  });
  svg.on("keydown", (event) => {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    choose(at.node + move[0], at.feature + move[1]);
  });

  function update(frame, { merged }) {
    tried.set(frame.rank, frame.loss);
    const count = frame.letters.length;
    const room = Math.min(370, Math.max(240, measure()));
    const gap = 6;
    const lines = 12; // room for the largest rank
    const letters = 23; // room for the letters at the right and below
    side = (room - gap - 16 - letters) / (count + lines);
    corner = lines * side + gap + 14;
    const whole = corner + count * side + 2;
    svg.attr("viewBox", `0 0 ${whole + letters} ${whole + letters}`).attr("height", whole + letters).style("width", `${whole + letters}px`);
    nameLetters(axes, frame.letters, at, (place) => corner + (place + 0.5) * side, whole);
    const colours = readColours();
    const most = { change: merged ? 6 : 3, thin: 2 };
    const shown = frame.change.map((row, i) => row.map((value, j) => (merged ? frame.weight[i][j] : 0) + value));
    const edge = corner - gap - frame.rank * side;
    const lay = (rows, start, top, largest) => rows.flatMap((row, i) => row.map((value, j) => ({ x: start + j * side, y: top + i * side, side: side - 0.5, fill: signed(value, largest, colours) })));
    paint(whole, [...lay(shown, corner, corner, most.change), ...lay(frame.down, corner, edge, most.thin), ...lay(frame.up, edge, corner, most.thin)]);
    frames.selectAll("rect").data([
      [corner + at.feature * side, corner + at.node * side, side, side],
      [corner + at.feature * side, edge, side, frame.rank * side],
      [edge, corner + at.node * side, frame.rank * side, side],
    ]).join("rect").attr("x", ([x]) => x - 1).attr("y", ([, y]) => y - 1).attr("width", ([, , wide]) => wide + 1.5).attr("height", ([, , , high]) => high + 1.5);
    names.selectAll("text").data([
      { x: corner + (count * side) / 2, y: edge - 4, text: `A: ${frame.rank} × ${count}`, anchor: "middle" },
      { x: 0, y: corner - 6, text: `B: ${count} × ${frame.rank}`, anchor: "start" },
    ]).join("text").attr("class", "told small").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ anchor }) => anchor).text(({ text }) => text);
    const terms = frame.up[at.node].map((value, k) => [value, frame.down[k][at.feature]]);
    const few = terms.slice(0, 4).map(([b, a]) => `${format(b, 2)} · ${a < 0 ? `(${format(a, 2)})` : format(a, 2)}`).join(" + ");
    told.textContent = `${show(frame.letters[at.node])} after ${show(frame.letters[at.feature])}: the change is ${few}${terms.length > 4 ? " + …" : ""} = ${format(frame.change[at.node][at.feature], 3)}.${merged ? ` Added to the weight ${format(frame.weight[at.node][at.feature], 3)}: ${format(shown[at.node][at.feature], 3)}.` : ""}`;

    plot.fit();
    const levels = [[frame.before, "before", 14], [frame.full, "all 729 weights", -6]];
    limits.selectAll("line").data(levels).join("line").attr("class", "limit strong").attr("x1", plot.x(0)).attr("x2", plot.x(12.4)).attr("y1", ([level]) => plot.y(level)).attr("y2", ([level]) => plot.y(level));
    dots.selectAll("circle").data([...tried]).join("circle").attr("class", "error-dot").attr("r", ([rank]) => (rank === frame.rank ? 7 : 4)).attr("cx", ([rank]) => plot.x(rank)).attr("cy", ([, loss]) => plot.y(loss)).style("fill", LOW);
    words.selectAll("text").data(levels).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", plot.x(12.4) - 4).attr("y", ([level, , shift]) => plot.y(level) + shift).text(([level, name]) => `${name}: ${format(level, 4)}`);
  }

  return { update, local: ["merged"] };
}

// Letters at the right of the rows and below the columns, every second one farther out: a square is narrower than they are.
// Those of the square under the hand are larger.
function nameLetters(axes, letters, at, place, edge) {
  const rows = letters.flatMap((letter, index) => [
    { letter, x: edge + 5 + 9 * (index % 2), y: place(index), chosen: index === at.node },
    { letter, x: place(index), y: edge + 6 + 10 * (index % 2), chosen: index === at.feature },
  ]).sort((one, other) => one.chosen - other.chosen);
  axes.selectAll("text").data(rows).join("text").attr("class", ({ chosen }) => (chosen ? "told" : null)).attr("text-anchor", "middle").attr("dy", "0.32em").attr("x", ({ x }) => x).attr("y", ({ y }) => y)
    .style("font", ({ chosen }) => (chosen ? "bold 13px ui-monospace,monospace" : "10px ui-monospace,monospace")).style("fill", ({ chosen }) => (chosen ? "var(--ink)" : null)).text(({ letter }) => show(letter));
}

// Numbers to drag around the product that they make.
function drawHand(api) {
  const { back, front, fit } = makeDiagram(api.root, "A above, B at the left, and their product");
  const squares = back.append("g");
  const sums = front.append("g");
  const knobs = [];
  for (const name of ["down", "up"]) {
    for (let place = 0; place < 8; place += 1) {
      const [term, at] = [Math.floor(place / 4), place % 4];
      const move = (value) => api.set({ [name]: api.values[name].map((one, here) => (here === place ? [value] : one)) });
      knobs.push({ name, term, at, place, knob: makeKnob(front, { name: "", label: `${name === "down" ? "A" : "B"}, row or column ${term + 1}, number ${at + 1}`, low: -2, high: 2, step: 0.5, move }) });
    }
  }

  for (const { name, term, at, knob } of knobs) knob.group.select(".knob-frame").attr("data-number", `${name}${term}_${at}`);

  function update(frame, values) {
    const count = frame.down.length;
    const width = fit(52 + 34 * count + 4 * 44);
    const wide = Math.min(74, (width - 66 * count - 10) / 4);
    const [left, top] = [66 * count + 8, 12 + 34 * count];
    const colours = readColours();
    const cells = frame.product.flatMap((row, i) => row.map((value, j) => ({ value, number: `product${i}_${j}`, x: left + j * wide, y: top + i * 44 })));
    squares.selectAll("rect").data(cells).join("rect").attr("x", ({ x }) => x + 1).attr("y", ({ y }) => y + 1).attr("width", wide - 2).attr("height", 42).attr("rx", 5).attr("fill", ({ value }) => signed(value, 3, colours)).style("stroke", "var(--line)");
    sums.selectAll("text").data(cells).join("text").attr("data-number", ({ number }) => number).attr("class", "told").attr("text-anchor", "middle").attr("x", ({ x }) => x + wide / 2).attr("y", ({ y }) => y + 27).text(({ value }) => format(value, 3));
    for (const { name, term, at, place, knob } of knobs) {
      knob.group.style("display", term < count ? null : "none");
      const [x, y] = name === "down" ? [left + (at + 0.5) * wide, 16 + 34 * term] : [34 + 66 * term, top + 22 + 44 * at];
      knob.show(x, y, values[name][place][0]);
    }
  }

  return { update };
}

// One product of a column and a row, the sum of the first ones, and the change that they add up to.
function drawSum(api) {
  const row = element("div");
  row.style.cssText = "display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem 1.2rem;align-items:end";
  api.root.append(row);
  const parts = ["one product of a column and a row", "the sum of the products", "the whole change"].map((label) => {
    const place = element("div");
    const name = element("p", "part-name");
    place.append(name);
    row.append(place);
    const { canvas, paint } = makePixels(place, label);
    canvas.style.cssText = "display:block;width:100%;height:auto;image-rendering:pixelated";
    return { name, paint };
  });

  function update(frame) {
    const colourOf = signedColour(frame.largest);
    [frame.product, frame.sum, frame.change].forEach((numbers, place) => parts[place].paint(numbers, colourOf));
    const share = `${Math.round(100 * frame.inside)}\u00a0%`;
    [`product ${frame.rank}: s = ${format(frame.value, 3)}`, `the sum of ${frame.rank > 1 ? `the first ${frame.rank}` : "this one alone"}: ${share}`, "the whole change"].forEach((text, place) => { parts[place].name.textContent = text; });
  }

  return { update, pace: 1.2 };
}

// Left: the singular values of the change of a matrix. Right: what is answered after each step.
function drawReal(api) {
  const [left, right] = makePair(api.root);
  const options = { ratio: 0.8, tallest: 300, lowest: 250 };
  const plot = makePlot(left, { ...options, x: [0.4, 64.6], y: [0, 1.4], label: "The singular values of the change", xLabel: "number of the singular value", yLabel: "singular value", xValues: [1, 8, 16, 24, 32, 40, 48, 56, 64], ticks: [8, 5], margin: { left: 38 } });
  const bars = plot.inside.append("g");
  const told = plot.above.append("g");
  const curve = makePlot(right, { ...options, x: [0, 100], y: [0, 1], label: "The share of questions never asked that are answered exactly", xLabel: "steps", yLabel: "never asked, answered exactly", ticks: [5, 5], margin: { left: 38 } });
  const lines = [LOW, ALL].map((colour) => curve.inside.append("path").attr("class", "curve").style("stroke", colour));
  const names = curve.above.append("g");

  function update(frame) {
    plot.fit({ y: [0, Math.max(...frame.values) * 1.12] });
    curve.fit();
    const unit = plot.x(2) - plot.x(1);
    bars.selectAll("rect").data(frame.values).join("rect").attr("x", (_, at) => plot.x(at + 1) - 0.38 * unit).attr("width", 0.76 * unit).attr("y", (value) => plot.y(value)).attr("height", (value) => plot.y(0) - plot.y(value)).style("fill", (_, at) => (at < frame.rank ? LOW : "var(--soft)")).attr("opacity", (_, at) => (at < frame.rank ? 1 : 0.45));
    const top = plot.y.domain()[1];
    told.selectAll("text").data([[`● the first${frame.rank > 1 ? ` ${frame.rank}` : ""}: ${Math.round(100 * frame.inside)}\u00a0% of the sum of squares`, LOW]]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", plot.x(64.6) - 4).attr("y", plot.y(top) + 14).style("fill", ([, fill]) => fill).text(([text]) => text);
    [frame.low, frame.full].forEach((share, place) => lines[place].attr("d", tracePath(curve, share.map((one, at) => [frame.steps[at], one]))).attr("stroke-dasharray", place ? "7 5" : null));
    const thousands = (count) => count.toLocaleString("en");
    names.selectAll("text").data([[`● rank ${frame.rank}: ${thousands(frame.count)} weights`, LOW], [`● all ${thousands(frame.all)} weights`, ALL]]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", curve.x(100) - 4).attr("y", (_, place) => curve.y(0) - 28 + 17 * place).style("fill", ([, fill]) => fill).text(([text]) => text);
  }

  return { update };
}

export const drawings = { change: drawChange, hand: drawHand, sum: whenReady(drawSum), real: whenReady(drawReal) };
