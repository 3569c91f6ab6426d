// Axes that stay, curves, and handles that a hand, a finger or the arrow keys move.
import { axisBottom, axisLeft, curveLinear, drag, line, pointer, scaleLinear, scaleLog, select } from "/static/vendor/d3.js";

import { format, makeRuler, measureText } from "/static/views/elements.js";

// An SVG as wide as its place; `fit()` adapts it and returns { width, height, x, y } for this drawing. Axes are many elements: they are
// drawn only where something has changed.
//   options: x: [low, high], y: [low, high], ratio: height / width, label: text for readers of the screen,
//            xValues: the numbers that stand at the lower axis, xLabel, yLabel, xLog, yLog, square: whether a unit is equally long on both axes, margin, ticks: [x, y]
export function makePlot(root, options) {
  // The name of the upright axis stands above it, and its highest tick below the name.
  const margin = { top: options.yLabel?.trim() ? 26 : 12, right: 14, bottom: 40, left: 46, ...options.margin };
  const svg = select(root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", options.label ?? "");
  const axes = svg.append("g").attr("class", "axes").attr("aria-hidden", "true");
  const xAxis = axes.append("g");
  const yAxis = axes.append("g");
  const xName = axes.append("text").attr("class", "axis-name").attr("text-anchor", "end").text(options.xLabel ?? "");
  const yName = axes.append("text").attr("class", "axis-name").text(options.yLabel ?? "");
  const clip = `clip-${Math.random().toString(36).slice(2)}`;
  const window_ = svg.append("clipPath").attr("id", clip).append("rect");
  const inside = svg.append("g").attr("clip-path", `url(#${clip})`);
  const above = svg.append("g");
  const x = (options.xLog ? scaleLog() : scaleLinear()).domain(options.x ?? [0, 1]);
  const y = (options.yLog ? scaleLog() : scaleLinear()).domain(options.y ?? [0, 1]);

  const measure = makeRuler(root);
  let fitted = "";

  function fit(domains = {}) {
    if (domains.x) x.domain(domains.x);
    if (domains.y) y.domain(domains.y);
    const width = Math.max(220, measure());
    const most = options.tallest ?? 460;
    const height = Math.round(Math.min(most, Math.max(options.lowest ?? 200, width * (options.ratio ?? 0.62))));
    const wanted = JSON.stringify([width, height, x.domain(), y.domain(), options.ticks]);
    if (wanted === fitted) return { width, height, x, y };
    fitted = wanted;
    svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height);
    x.range([margin.left, width - margin.right]);
    y.range([height - margin.bottom, margin.top]);
    const [columns, rows] = options.ticks ?? [Math.max(3, width / 90), Math.max(3, height / 60)];
    const told = (value) => format(value, 3);
    xAxis.attr("transform", `translate(0,${height - margin.bottom})`)
      .call(axisBottom(x).ticks(columns, options.xLog ? told : undefined).tickValues(options.xValues ?? null).tickSize(-(height - margin.top - margin.bottom)).tickPadding(8));
    yAxis.attr("transform", `translate(${margin.left},0)`)
      .call(axisLeft(y).ticks(rows, options.yLog ? told : undefined).tickSize(-(width - margin.left - margin.right)).tickPadding(8));
    xName.attr("x", width - margin.right).attr("y", height - 4);
    yName.attr("x", 4).attr("y", Math.max(11, margin.top - 10));
    window_.attr("x", margin.left).attr("y", margin.top).attr("width", width - margin.left - margin.right).attr("height", height - margin.top - margin.bottom);
    return { width, height, x, y };
  }
  fit();
  return { svg, inside, above, x, y, margin, fit };
}

// A browser refuses a number too large for it: what flies away ends far outside of the picture.
export const keepNear = (place) => Math.max(-1e5, Math.min(1e5, place));

// The path of points [[x, y], …] in a plot's scales.
export function tracePath(plot, points, curve = curveLinear) {
  return line().defined(([a, b]) => a !== null && b !== null && Number.isFinite(a) && Number.isFinite(b))
    .x(([a]) => keepNear(plot.x(a))).y(([, b]) => keepNear(plot.y(b))).curve(curve)(points);
}

// A handle at a place of the plot. options: label, axis ("x", "y" or "both"), step (one arrow key), bounds: { x: [low, high], y },
// move({ x, y }), text({ x, y }): its value in words, kind: a class
export function makeHandle(plot, options) {
  const group = plot.above.append("g").attr("class", `handle ${options.kind ?? ""}`)
    .attr("tabindex", 0).attr("role", "slider").attr("aria-label", options.label);
  group.append("circle").attr("class", "reach").attr("r", 22);
  group.append("circle").attr("class", "dot").attr("r", options.radius ?? 9);
  const axis = options.axis ?? "both";
  const place = { x: 0, y: 0 };
  const clamp = (value, bounds) => (bounds ? Math.min(bounds[1], Math.max(bounds[0], value)) : value);
  const moveTo = (x, y) => options.move({
    x: axis === "y" ? place.x : clamp(x, options.bounds?.x ?? plot.x.domain()),
    y: axis === "x" ? place.y : clamp(y, options.bounds?.y ?? plot.y.domain()),
  });
  group.call(drag()
    .container(plot.svg.node())
    .on("start", () => { group.classed("held", true); group.node().focus({ preventScroll: true }); })
    .on("drag", (event) => {
      const [left, top] = pointer(event.sourceEvent.touches ? event.sourceEvent.touches[0] : event.sourceEvent, plot.svg.node());
      moveTo(plot.x.invert(left), plot.y.invert(top));
    })
    .on("end", () => group.classed("held", false)));
  group.on("keydown", (event) => {
    const size = (options.step ?? (plot.x.domain()[1] - plot.x.domain()[0]) / 100) * (event.shiftKey ? 10 : 1);
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const rise = { ArrowDown: -1, ArrowUp: 1 }[event.key] ?? 0;
    if (!side && !rise) return;
    event.preventDefault();
    const along = axis === "x" ? side + rise : side;
    const up = axis === "y" ? side + rise : rise;
    moveTo(place.x + along * size, place.y + up * size);
  });
  return {
    group,
    show(x, y) {
      place.x = x;
      place.y = y;
      group.attr("transform", `translate(${plot.x(x)},${plot.y(y)})`);
      const value = axis === "y" ? y : x;
      group.attr("aria-valuenow", value).attr("aria-valuetext", options.text ? options.text({ x, y }) : `${format(x, 3)}, ${format(y, 3)}`);
    },
  };
}

// A text beside a point that is moved so that it stays inside of the plot: at its right, or at its left where a curve that
// rises would cross it there.
export function placeLabel(text, plot, x, y, words, side = 12, rises = false) {
  const { width, height } = plot.svg.node().viewBox.baseVal;
  if (text.text() !== words) text.text(words);
  const room = measureText(text.node(), words);
  const right = rises ? x - side - room < plot.margin.left + 4 : x + side + room < width - 4;
  text.attr("x", right ? x + side : x - side).attr("text-anchor", right ? "start" : "end")
    .attr("y", Math.min(height - 6, Math.max(14, y)));
}
