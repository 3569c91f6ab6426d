// Draws twelve layers without and with a norm, and a batch of numbers that are normalized.
import { makeDiagram, makeKnob, showTexts } from "/static/views/diagram.js";
import { readColours } from "/static/views/colours.js";
import { format, makePair } from "/static/views/elements.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";
import { drawLearning } from "/lessons/signals/views.js";

const LAYERS = 12;
const WAYS = [["without", "unknown", "second", "no norm"], ["with", "known", "first", "with a norm"]];
const LOWEST = 1e-16, HIGHEST = 1e12;

function drawSizes(api) {
  const sides = makePair(api.root);
  const names = [["Size of the activations", "forward"], ["Size of their gradients", "backward"]];
  const plots = names.map(([label, yLabel], side) => makePlot(sides[side], { x: [side ? 0.6 : -0.3, 12.4], y: [LOWEST, HIGHEST], yLog: true, label, xLabel: "layer", yLabel, tallest: 260, lowest: 260, xValues: side ? [1, 3, 5, 7, 9, 11] : [0, 2, 4, 6, 8, 10, 12], ticks: [7, 6], margin: { left: 62 } }));
  const one = plots[0].inside.append("line").attr("class", "limit");
  const now = plots.map((plot) => plot.inside.append("line").attr("class", "stop-line"));
  const curves = plots.map((plot) => WAYS.map(([, kind]) => plot.inside.append("path").attr("class", `curve ${kind}`)));
  const dots = plots.map((plot) => WAYS.map(() => plot.inside.append("g")));
  const told = WAYS.map(([way, , colour]) => plots[0].above.append("text").attr("class", "told").attr("data-number", way).style("fill", `var(--${colour})`));
  const legend = WAYS.map(([, , colour, words]) => plots[1].above.append("text").attr("class", "told small").attr("text-anchor", "end").style("fill", `var(--${colour})`).text(`● ${words}`));
  const handle = makeHandle(plots[0], {
    label: "the factor of a layer", axis: "y", kind: "other", radius: 7, bounds: { y: [0.05, 8] }, step: 0.05,
    move: ({ y }) => api.set({ factor: Number(y.toPrecision(2)) }), text: ({ y }) => format(y, 2),
  });

  function update(frame, { layer }) {
    plots.forEach((plot, side) => {
      plot.fit();
      now[side].attr("x1", plot.x(layer)).attr("x2", plot.x(layer)).attr("y1", plot.y(LOWEST)).attr("y2", plot.y(HIGHEST));
      WAYS.forEach(([way, kind], place) => {
        const found = side ? frame[way].gradients : frame[way].sizes;
        const points = found.map((size, at) => [at + side, size]);
        curves[side][place].attr("d", tracePath(plot, points));
        dots[side][place].selectAll("circle").data(points).join("circle").attr("class", `error-dot ${kind}`).attr("r", 3.5)
          .attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
      });
    });
    const [plot] = plots;
    one.attr("x1", plot.x(-0.3)).attr("x2", plot.x(12.4)).attr("y1", plot.y(1)).attr("y2", plot.y(1));
    const heights = WAYS.map(([way]) => plot.y(frame[way].sizes[layer]));
    const above = heights[0] <= heights[1] ? 0 : 1;
    told.forEach((text, place) => placeLabel(text, plot, plot.x(layer), heights[place] + (place === above ? -10 : 22), format(frame[WAYS[place][0]].sizes[layer], 2), 8, true));
    legend.forEach((text, place) => text.attr("x", plots[1].x.range()[1] - (place ? 0 : 96)).attr("y", plots[1].margin.top - 9));
    handle.show(1, frame.without.sizes[1]);
  }

  return { update };
}

// The batch at the left: one row per example, one column per feature, each number turned by the hand. At the right the same after the
// norm. What shares a mean has one color.
function drawTable(api) {
  const diagram = makeDiagram(api.root, "Three examples with four features each, before and after the norm");
  const boxes = diagram.front.append("g");
  const notes = diagram.front.append("g");
  const [rows, columns] = [3, 4];
  const knobs = Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const knob = makeKnob(diagram.front, {
      name: "", label: `example ${row + 1}, feature ${column + 1}`, low: -9, high: 9, step: 0.25,
      move: (value) => api.set({ numbers: api.values.numbers.map((numbers, r) => numbers.map((number, c) => (r === row && c === column ? value : number))) }),
    });
    knob.group.select(".reach").attr("x", -27).attr("width", 54).attr("y", -18).attr("height", 36);
    return knob;
  });

  function update(frame) {
    const narrow = api.root.clientWidth < 600;
    const [wide, high, name] = narrow ? [54, 38, 70] : [74, 38, 74];
    const block = 44 + rows * high + 40;
    const width = diagram.fit(narrow ? 2 * block + 20 : block);
    const colours = readColours();
    const hues = [colours.first, colours.second, colours.third, colours.soft];
    const isBatch = frame.kind === "batch norm";
    const table = name + columns * wide;
    const gap = narrow ? 0 : Math.max(12, width - 2 * table - (isBatch ? 10 : 40));
    const corner = (part) => (narrow ? [0, part * (block + 20)] : [part * (table + gap), 0]);
    const spot = (part, row, column) => { const [x, y] = corner(part); return [x + name + (column + 0.5) * wide, y + 44 + (row + 0.5) * high]; };
    const texts = [];
    const cells = [];
    [0, 1].forEach((part) => {
      const [x, y] = corner(part);
      texts.push({ key: `title${part}`, x: x + name + (columns * wide) / 2, y: y + 14, text: part ? `after ${frame.kind}` : "before: drag a number", kind: "name" });
      for (let column = 0; column < columns; column += 1) texts.push({ key: `f${part}${column}`, x: spot(part, 0, column)[0], y: y + 36, text: narrow ? String(column + 1) : `feature ${column + 1}`, kind: "name" });
      if (narrow) texts.push({ key: `f${part}`, x: x + 2, y: y + 36, text: "feature", kind: "name", anchor: "start" });
      for (let row = 0; row < rows; row += 1) {
        const inside = row < frame.after.length;
        texts.push({ key: `e${part}${row}`, x: x + 2, y: spot(part, row, 0)[1] + 4, text: `example ${row + 1}`, kind: "name", anchor: "start" });
        for (let column = 0; column < columns; column += 1) {
          const [cx, cy] = spot(part, row, column);
          cells.push({ cx, cy, hue: inside ? hues[frame.groups[row][column]] : null });
          if (part && inside) texts.push({ key: `a${row}_${column}`, x: cx, y: cy + 4, text: format(frame.after[row][column], 3), kind: "ink", number: `after${row}_${column}` });
        }
      }
    });
    // Mean and root of each group stand beside its row or below its column.
    const [right, below] = [corner(0)[0] + table, corner(0)[1] + 44 + rows * high];
    const signs = ["μ", frame.kind === "RMS norm" ? "root" : "√(v + ε)"];
    if (isBatch) signs.forEach((sign, line) => texts.push({ key: `sign${line}`, x: 2, y: below + 16 + 16 * line, text: sign, kind: "name", anchor: "start" }));
    frame.roots.forEach((root, group) => {
      const [x, y] = isBatch ? [spot(0, 0, group)[0], below + 16] : [right + 4, spot(0, group, 0)[1] - 3];
      const anchor = isBatch ? "middle" : "start";
      if (narrow && !isBatch) return; // there is no room beside the table
      [[frame.means[group], "mean"], [root, "root"]].forEach(([value, key], line) => {
        if (value === undefined) return;
        const text = isBatch ? format(value, 2) : `${signs[line]} ${format(value, 2)}`;
        texts.push({ key: `${key}${group}`, x, y: y + 16 * line, text, kind: "name", anchor, number: `${key}${group}` });
      });
    });
    boxes.selectAll("rect").data(cells).join("rect").attr("rx", 6).attr("width", wide - 4).attr("height", high - 4)
      .attr("x", ({ cx }) => cx - wide / 2 + 2).attr("y", ({ cy }) => cy - high / 2 + 2)
      .attr("fill", ({ hue }) => hue ?? "none").attr("fill-opacity", 0.22).attr("stroke", ({ hue }) => hue ?? colours.line).attr("stroke-opacity", 0.7);
    showTexts(notes, texts);
    knobs.forEach((knob, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      knob.show(...spot(0, row, column), frame.before[row][column]);
      knob.group.style("opacity", row < frame.after.length ? null : 0.35);
    });
  }

  return { update };
}

export const drawings = { sizes: drawSizes, table: drawTable, learning: drawLearning };
