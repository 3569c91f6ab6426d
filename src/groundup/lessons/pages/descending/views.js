// Draws a descent on a curve, the slope under the ball, and what each learning rate ends with.
import { easeCubicOut } from "/static/vendor/d3.js";

import { format } from "/static/views/elements.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const SIDE = 11;

// The ball walks: solid dots where it was, a tangent where it is, an arrow to where it goes next.
function drawHill(api) {
  const plot = makePlot(api.root, { x: [-SIDE, SIDE], label: "The curve and the ball", xLabel: "x", yLabel: "f(x)", ratio: 0.55, tallest: 350 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const tangent = plot.inside.append("line").attr("class", "tangent");
  const trail = plot.inside.append("path").attr("class", "trail");
  const dots = plot.inside.append("g");
  const ball = plot.inside.append("circle").attr("class", "ball").attr("r", 10);
  const told = plot.above.append("text").attr("class", "told");
  const handle = makeHandle(plot, {
    label: "start of the ball", axis: "x", step: 0.1, radius: 7, kind: "start", bounds: { x: [-10, 10] },
    move: ({ x }) => { api.pause(); api.set({ start: Math.round(x * 10) / 10, steps: 0 }); },
    text: ({ x }) => `x = ${format(x, 3)}`,
  });
  let shown = null;

  function update(frame, { steps, start }) {
    const [low, high] = frame.range;
    plot.fit({ y: [low, high] });
    curve.attr("d", tracePath(plot, frame.curve));
    const count = Math.min(steps, frame.path.length - 1);
    const known = frame.path.slice(0, count + 1).filter(([x, y]) => x !== null && y !== null);
    trail.attr("d", tracePath(plot, known));
    dots.selectAll("circle").data(known.slice(0, -1)).join("circle").attr("class", "was").attr("r", 3.5)
      .attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
    const [x, y, slope] = known.at(-1) ?? [start, 0, 0];
    const place = { x: plot.x(x), y: plot.y(y) };
    const quick = shown === null || count === 0 || Math.abs(count - shown.count) > 1;
    const move = quick || api.isCalm ? ball : ball.transition().duration(110).ease(easeCubicOut);
    move.attr("cx", place.x).attr("cy", place.y);
    shown = { count };
    const reach = 3.2 / Math.hypot(1, (slope * (plot.y(0) - plot.y(1))) / (plot.x(1) - plot.x(0)));
    tangent.attr("x1", plot.x(x - reach)).attr("y1", plot.y(y - slope * reach)).attr("x2", plot.x(x + reach)).attr("y2", plot.y(y + slope * reach));
    placeLabel(told, plot, Math.max(60, Math.min(place.x, plot.x(SIDE) - 10)), place.y - 16, `slope ${format(slope, 3)}`, 14);
    handle.show(start, Math.max(low, Math.min(high, frame.path[0][1] ?? low)));
    handle.group.classed("apart", count > 0);
    api.say(sayStep(frame, count));
  }

  return { update, local: ["steps"], pace: 7 };
}

const ENDS = {
  settles: "It settles.", jumps: "It jumps from side to side and does not settle.",
  flies: "Every step is longer than the one before: it flies away.", walks: "It is still on its way.",
};

function sayStep(frame, count) {
  const [x, height, slope] = frame.path[count];
  const end = count === frame.path.length - 1 ? ` ${ENDS[frame.outcome]}` : "";
  return `After ${count} step${count === 1 ? "" : "s"}: x = ${format(x)}, height ${format(height)}, slope ${format(slope)}.${end}`;
}

// Two points of the curve and the line through them: as they come closer it becomes the tangent.
function drawSlope(api) {
  const plot = makePlot(api.root, { x: [-3.5, 3.5], y: [-1.5, 7.5], label: "A curve, two of its points, and the line through them", xLabel: "x", yLabel: "f(x)", ratio: 0.6, tallest: 400 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const secant = plot.inside.append("line").attr("class", "tangent");
  const run = plot.inside.append("path").attr("class", "leg");
  const across = plot.above.append("text").attr("class", "told small");
  const up = plot.above.append("text").attr("class", "told small").attr("data-number", "rise");
  const first = makeHandle(plot, {
    label: "first point", axis: "x", step: 0.05, bounds: { x: [-3, 3] },
    move: ({ x }) => api.set({ place: Math.round(x * 20) / 20 }), text: ({ x }) => `x = ${format(x, 3)}`,
  });
  const second = makeHandle(plot, {
    label: "second point", axis: "x", step: 0.05, kind: "other", bounds: { x: [-3.5, 5] },
    move: ({ x }) => api.set({ gap: Math.min(2, Math.max(0.001, Number((x - api.values.place).toPrecision(2)))) }),
    text: ({ x }) => `x = ${format(x, 3)}`,
  });

  function update(frame) {
    plot.fit();
    const [[x, y], [right, top]] = [frame.point, frame.second];
    curve.attr("d", tracePath(plot, frame.curve));
    secant.attr("x1", plot.x(x - 8)).attr("y1", plot.y(y - 8 * frame.secant)).attr("x2", plot.x(x + 8)).attr("y2", plot.y(y + 8 * frame.secant));
    run.attr("d", tracePath(plot, [[x, y], [right, y], [right, top]]));
    const wide = plot.x(right) - plot.x(x) > 34;
    across.text(wide ? `h = ${format(right - x, 2)}` : "").attr("text-anchor", "middle").attr("x", (plot.x(x) + plot.x(right)) / 2).attr("y", plot.y(y) + (top < y ? -8 : 18));
    placeLabel(up, plot, plot.x(right), (plot.y(y) + plot.y(top)) / 2, wide ? format(top - y, 3) : "", 8);
    second.show(right, top);
    first.show(x, y);
  }

  return { update };
}

// The distance from the lowest point after some steps, for every learning rate.
function drawRates(api) {
  const plot = makePlot(api.root, {
    x: [0, 1.2], y: [1e-12, 1e4], yLog: true, label: "Distance from the lowest point after some steps, for every learning rate",
    xLabel: "learning rate α", yLabel: "distance from 0", ratio: 0.5, lowest: 270, tallest: 360, ticks: [6, 8], margin: { left: 58 },
  });
  const limit = plot.inside.append("line").attr("class", "limit");
  const limitName = plot.above.append("text").attr("class", "told small");
  const best = plot.above.append("text").attr("class", "told small").attr("text-anchor", "middle");
  const began = plot.inside.append("line").attr("class", "limit");
  const beganName = plot.above.append("text").attr("class", "told small");
  const curve = plot.inside.append("path").attr("class", "curve");
  const handle = makeHandle(plot, {
    label: "learning rate", axis: "x", step: 0.005, bounds: { x: [0.005, 1.2] },
    move: ({ x }) => api.set({ rate: Math.round(x * 200) / 200 }), text: ({ x }) => format(x, 3),
  });

  function update(frame, { start, steps }) {
    plot.fit();
    const [low, high] = plot.y.domain();
    const keep = (value) => Math.min(high, Math.max(low, value ?? high));
    curve.attr("d", tracePath(plot, frame.ends.map(([rate, end]) => [rate, keep(end)])));
    limit.attr("x1", plot.x(1)).attr("x2", plot.x(1)).attr("y1", plot.y(low)).attr("y2", plot.y(high));
    began.attr("x1", plot.x(0)).attr("x2", plot.x(1.2)).attr("y1", plot.y(start)).attr("y2", plot.y(start));
    beganName.text(`start: ${format(start)}`).attr("x", plot.x(0) + 6).attr("y", plot.y(start) - 7);
    // Where it has no room beside the limit, it stands above the picture.
    const isNarrow = plot.x(1.2) - plot.x(1) < 110;
    placeLabel(limitName, plot, plot.x(isNarrow ? 1.2 : 1), isNarrow ? plot.y(high) - 10 : plot.y(low) - 10, "above 1: flies away", isNarrow ? 0 : 6, isNarrow);
    best.style("display", steps ? null : "none").attr("x", plot.x(0.5)).attr("y", plot.y(high) + 14).text(isNarrow ? "best: 0.5" : "0.5: arrives in one step");
    handle.show(frame.chosen[0], keep(frame.chosen[1]));
  }

  return { update };
}

export const drawings = { hill: drawHill, slope: drawSlope, rates: drawRates };
