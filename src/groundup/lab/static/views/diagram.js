// Diagrams: nodes and wires with numbers on them, and numbers that a hand turns.
import { drag, select } from "/static/vendor/d3.js";

import { format, makeRuler, measureText } from "/static/views/elements.js";

// An SVG as wide as its place, where that has at least so many pixels; `fit(height)` adapts it and returns its width.
export function makeDiagram(root, label, least = 270) {
  const svg = select(root).append("svg").attr("class", "plot diagram").attr("role", "group").attr("aria-label", label);
  const back = svg.append("g").attr("aria-hidden", "true");
  const front = svg.append("g");
  const measure = makeRuler(root);
  const fit = (height) => {
    const width = Math.max(least, measure());
    svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height);
    return width;
  };
  return { svg, back, front, fit };
}

// A number in a frame that is dragged up and down (or turned by the arrow keys).
//   options: name (before the number), label (for readers of the screen), low, high, step, move(value)
export function makeKnob(parent, options) {
  const { low, high, step } = options;
  const group = parent.append("g").attr("class", "knob").attr("tabindex", 0).attr("role", "slider")
    .attr("aria-label", options.label).attr("aria-valuemin", low).attr("aria-valuemax", high);
  group.append("rect").attr("class", "reach").attr("x", -36).attr("y", -22).attr("width", 72).attr("height", 44);
  const frame = group.append("rect").attr("class", "knob-frame").attr("rx", 13).attr("height", 26).attr("y", -13);
  const text = group.append("text").attr("class", "knob-text").attr("text-anchor", "middle").attr("dy", "0.35em");
  let value = 0;
  const turn = (next) => {
    const places = Math.max(0, Math.ceil(-Math.log10(step)));
    options.move(Number(Math.min(high, Math.max(low, Math.round(next / step) * step)).toFixed(places)));
  };
  let held = null;
  group.call(drag()
    .on("start", (event) => { held = { at: event.y, value }; group.classed("held", true); group.node().focus({ preventScroll: true }); })
    .on("drag", (event) => turn(held.value + ((held.at - event.y) / 8) * step))
    .on("end", () => group.classed("held", false)));
  group.on("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    turn(value + way * step * (event.shiftKey ? 10 : 1));
  });
  return {
    group,
    show(x, y, next) {
      value = next;
      const words = `${options.name} ${format(next, 3)}`;
      text.text(words);
      const half = Math.max(26, measureText(text.node(), words) / 2 + 11);
      frame.attr("x", -half).attr("width", 2 * half);
      group.attr("transform", `translate(${x},${y})`).attr("aria-valuenow", next).attr("aria-valuetext", format(next, 3));
    },
  };
}

// Texts at places: rows { key, x, y, text, kind, anchor, on, number }; those that are not `on` fade out, the others open at
// `number`, if they have one.
export function showTexts(layer, rows) {
  const texts = layer.selectAll("text.note").data(rows, (row) => row.key).join("text")
    .attr("class", (row) => `note ${row.kind ?? ""}`).attr("text-anchor", (row) => row.anchor ?? "middle")
    .attr("x", (row) => row.x).attr("y", (row) => row.y).text((row) => row.text);
  texts.style("opacity", (row) => (row.on === false ? 0 : 1)).attr("data-number", (row) => (row.on === false ? null : row.number ?? null));
  return texts;
}

// The path of a wire: level at both ends.
export function bend([x1, y1], [x2, y2]) {
  const middle = (x1 + x2) / 2;
  return `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
}

// How thick a wire with a number is.
export function thick(number, most = 2) {
  return 1 + 6 * Math.min(1, Math.abs(number) / most);
}
