// Draws a walk over a landscape from above, the two curves that a point lies on, and the slope in every direction.
import { easeCubicOut } from "/static/vendor/d3.js";

import { format, makeLine } from "/static/views/elements.js";
import { divide, showContours, traceArrow } from "/static/views/landscape.js";
import { keepNear, makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const REACH = 6;
const SQUARE = { top: 14, right: 12, bottom: 38, left: 40 };
const ROUND = (value) => Math.round(value * 20) / 20;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const isKnown = (row) => row.every((value) => value !== null);

function makeMap(root, label, tallest) {
  const plot = makePlot(root, { x: [-REACH, REACH], y: [-REACH, REACH], label, xLabel: "x", yLabel: "y", ratio: 1, tallest, margin: SQUARE, ticks: [7, 7] });
  return { plot, contours: plot.inside.append("g") };
}

// The ball walks: dots where it was, an arrow downhill, the next step as a stretch along x and a stretch along y.
function drawHill(api) {
  const [left, right] = divide(api.root, [{ share: 3, least: 250, most: 430 }, { share: 2, least: 210 }]);
  const { plot, contours } = makeMap(left, "The landscape from above, and the ball", 430);
  const trail = plot.inside.append("path").attr("class", "trail").style("stroke-dasharray", "none").style("stroke-width", 1.6);
  const dots = plot.inside.append("g");
  const legs = plot.inside.append("path").attr("class", "leg").style("stroke", "var(--ink)");
  const arrow = plot.inside.append("path").attr("fill", "none").attr("stroke", "var(--ink)").attr("stroke-width", 2.4).attr("stroke-linecap", "round");
  const ball = plot.inside.append("circle").attr("class", "ball").attr("r", 9);
  const told = plot.above.append("text").attr("class", "told");
  const handle = makeHandle(plot, {
    label: "start of the ball", step: 0.1, radius: 7, kind: "start",
    move: ({ x, y }) => { api.pause(); api.set({ x: ROUND(x), y: ROUND(y), steps: 0 }); },
    text: ({ x, y }) => `x = ${format(x, 3)}, y = ${format(y, 3)}`,
  });
  const showSlopes = ["x", "y"].map((name) => makeLine(right, `∂f/∂${name} = % = %`));
  const showNext = makeLine(right, "next x = %, next y = %");
  const heights = makePlot(right, { x: [0, 40], y: [0, 1], label: "The height after each step", xLabel: "step", yLabel: "f", ratio: 0.75, lowest: 170, tallest: 240, ticks: [4, 4] });
  const fall = heights.inside.append("path").attr("class", "curve").style("stroke", "var(--second)");
  const now = heights.inside.append("circle").attr("class", "ball").attr("r", 6);
  let before = null;

  function update(frame, { steps, x: startX, y: startY }) {
    plot.fit();
    showContours(plot, contours, frame.contours);
    const rows = frame.path.filter(isKnown);
    const count = Math.min(steps, rows.length - 1);
    const known = rows.slice(0, count + 1);
    trail.attr("d", tracePath(plot, known));
    dots.selectAll("circle").data(known.slice(0, -1)).join("circle").attr("class", "was").attr("r", 3)
      .attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
    const [x, y, value, alongX, alongY] = known.at(-1);
    const place = [plot.x(x), plot.y(y)].map(keepNear);
    const jump = before === null || Math.abs(count - before) !== 1 || count === 0;
    before = count;
    (jump || api.isCalm ? ball : ball.transition().duration(100).ease(easeCubicOut)).attr("cx", place[0]).attr("cy", place[1]);
    const next = rows[count + 1];
    legs.attr("d", next ? tracePath(plot, [[x, y], [next[0], y], [next[0], next[1]]]) : "");
    const size = Math.hypot(alongX, alongY);
    // Shorter where the ground is nearly flat.
    const reach = (46 * Math.min(1, Math.sqrt(size / 2))) / (size || 1);
    arrow.attr("d", traceArrow(place, [place[0] - alongX * reach, place[1] + alongY * reach]));
    // Where the ball has left the map, its height stands at the edge.
    const isOff = Math.max(Math.abs(x), Math.abs(y)) > REACH;
    placeLabel(told, plot, isOff ? plot.x(-REACH) - 6 : Math.max(50, Math.min(place[0], plot.x(REACH) - 20)), clamp(place[1] - 14, plot.y(REACH) + 16, plot.y(-REACH) - 12), `f = ${format(value, 3)}${isOff ? ", off the map" : ""}`, 12);
    handle.show(startX, startY);
    [alongX, alongY].forEach((slope, at) => showSlopes[at]([[frame.derivatives[at]], [format(slope, 3), `d${"xy"[at]}${count}`]]));
    showNext(["x", "y"].map((name, at) => [next ? format(next[at], 3) : "–", `${name}${count}`]));
    const most = Math.max(...rows.map((row) => row[2]).filter((height, at) => at === 0 || height < 3 * Math.abs(rows[0][2]) + 1));
    const least = Math.min(0, ...rows.map((row) => row[2]));
    heights.fit({ y: [least, most > least ? most * 1.08 : least + 1] });
    fall.attr("d", tracePath(heights, known.map((row, at) => [at, row[2]])));
    now.attr("cx", heights.x(count)).attr("cy", heights.y(value));
    const end = count === rows.length - 1 && count < 40 ? " It flies away: this learning rate is too large here." : "";
    api.say(`After ${count} step${count === 1 ? "" : "s"}: x = ${format(x)}, y = ${format(y)}, f = ${format(value)}.${end}`);
  }

  return { update, local: ["steps"], traced: ["steps"], pace: 7 };
}

// A point on the map, and the landscape cut through it along x and along y: each cut a curve with a slope.
function drawSlices(api) {
  const [left, right] = divide(api.root, [{ share: 1, least: 250, most: 380 }, { share: 1, least: 250 }]);
  const { plot, contours } = makeMap(left, "The landscape from above, with a point", 380);
  const cuts = ["x", "y"].map((name) => plot.inside.append("line").attr("stroke", `var(--${name === "x" ? "second" : "third"})`).attr("stroke-width", 2));
  const handle = makeHandle(plot, {
    label: "the point", step: 0.1, move: ({ x, y }) => api.set({ x: ROUND(x), y: ROUND(y) }),
    text: ({ x, y }) => `x = ${format(x, 3)}, y = ${format(y, 3)}`,
  });
  const sides = ["x", "y"].map((name) => {
    const side = makePlot(right, { x: [-REACH, REACH], y: [0, 1], label: `The cut along ${name}`, xLabel: name, yLabel: `f along ${name}`, ratio: 0.46, lowest: 150, tallest: 190, ticks: [7, 4], margin: { bottom: 34 } });
    const colour = `var(--${name === "x" ? "second" : "third"})`;
    return {
      name, side,
      curve: side.inside.append("path").attr("class", "curve").style("stroke", colour),
      tangent: side.inside.append("line").attr("class", "tangent").style("stroke", "var(--ink)"),
      told: side.above.append("text").attr("class", "told").attr("data-number", `d${name}`),
      handle: makeHandle(side, {
        label: `${name} of the point`, axis: "x", step: 0.1, radius: 7,
        move: ({ x }) => api.set({ [name]: ROUND(x) }), text: ({ x }) => `${name} = ${format(x, 3)}`,
      }),
    };
  });

  function update(frame) {
    plot.fit();
    showContours(plot, contours, frame.contours);
    const [x, y] = frame.point;
    cuts[0].attr("x1", plot.x(-REACH)).attr("x2", plot.x(REACH)).attr("y1", plot.y(y)).attr("y2", plot.y(y));
    cuts[1].attr("x1", plot.x(x)).attr("x2", plot.x(x)).attr("y1", plot.y(-REACH)).attr("y2", plot.y(REACH));
    handle.show(x, y);
    // Both cuts have the same scale of heights, so that their slopes can be compared.
    const range = [frame.low, frame.low + (frame.high - frame.low) * 0.5 || frame.low + 1];
    sides.forEach(({ name, side, curve, tangent, told, handle: grip }, place) => {
      side.fit({ y: range });
      const [at, slope] = [frame.point[place], frame.slopes[place]];
      curve.attr("d", tracePath(side, frame[`along_${name}`]));
      const steep = (slope * (side.y(0) - side.y(1))) / (side.x(1) - side.x(0));
      const reach = 2.2 / Math.hypot(1, steep);
      tangent.attr("x1", side.x(at - reach)).attr("y1", side.y(frame.value - slope * reach))
        .attr("x2", side.x(at + reach)).attr("y2", side.y(frame.value + slope * reach));
      grip.show(at, Math.min(range[1], frame.value));
      placeLabel(told, side, side.x(at), Math.max(28, side.y(Math.min(range[1], frame.value)) - 14), `∂f/∂${name} = ${format(slope, 3)}`, 14, slope > 0);
    });
  }

  return { update };
}

const LENGTH = 2;

// An arrow that turns around a point of the map; beside it the slope in its direction, for a whole turn.
function drawCompass(api) {
  const [left, right] = divide(api.root, [{ share: 1, least: 250, most: 360 }, { share: 1, least: 250 }]);
  const { plot, contours } = makeMap(left, "The landscape from above, with an arrow", 360);
  const circle = plot.inside.append("ellipse").attr("fill", "none").attr("stroke", "var(--soft)").attr("stroke-dasharray", "3 3");
  const gradient = plot.inside.append("path").attr("fill", "none").attr("stroke", "var(--ink)").attr("stroke-width", 1.6);
  const gradientName = plot.above.append("text").attr("class", "told small");
  const arrow = plot.inside.append("path").attr("fill", "none").attr("stroke-width", 3.4).attr("stroke-linecap", "round");
  const point = makeHandle(plot, {
    label: "the point", step: 0.1, radius: 7, move: ({ x, y }) => api.set({ x: ROUND(x), y: ROUND(y) }),
    text: ({ x, y }) => `x = ${format(x, 3)}, y = ${format(y, 3)}`,
  });
  const tip = makeHandle(plot, {
    label: "direction on the map", step: 0.4, radius: 7, kind: "other",
    move: ({ x, y }) => turn((Math.atan2(y - api.values.y, x - api.values.x) * 180) / Math.PI),
    text: () => `${api.values.direction}°`,
  });
  const side = makePlot(right, { x: [0, 360], y: [-1, 1], label: "The slope in every direction", xLabel: "direction, degrees", yLabel: "slope in this direction", ratio: 0.85, lowest: 210, tallest: 330, xValues: [0, 90, 180, 270, 360], ticks: [4, 5] });
  const level = side.inside.append("line").attr("stroke", "var(--soft)");
  const marks = side.inside.append("g");
  const names = side.above.append("g");
  const curve = side.inside.append("path").attr("class", "curve");
  const told = side.above.append("text").attr("class", "told").attr("data-number", "slope");
  const grip = makeHandle(side, { label: "direction", axis: "x", step: 5, kind: "other", move: ({ x }) => turn(x), text: ({ x }) => `${format(x, 3)}°` });

  function turn(degrees) {
    api.set({ direction: Math.min(360, Math.round((((degrees % 360) + 360) % 360) / 5) * 5) });
  }

  function update(frame, { direction }) {
    plot.fit();
    showContours(plot, contours, frame.contours);
    const [x, y] = frame.point;
    const most = Math.hypot(...frame.slopes);
    const peak = frame.slopes.map((slope, place) => frame.point[place] + (most ? (LENGTH * slope) / most : 0));
    gradient.attr("d", traceArrow([plot.x(x), plot.y(y)], [plot.x(peak[0]), plot.y(peak[1])]));
    placeLabel(gradientName, plot, plot.x(peak[0]), plot.y(peak[1]) - 8, most ? "gradient" : "", 4);
    const end = [x + LENGTH * frame.arrow[0], y + LENGTH * frame.arrow[1]];
    const colour = frame.slope > 1e-9 ? "var(--second)" : frame.slope < -1e-9 ? "var(--good)" : "var(--soft)";
    circle.attr("cx", plot.x(x)).attr("cy", plot.y(y)).attr("rx", plot.x(LENGTH) - plot.x(0)).attr("ry", plot.y(0) - plot.y(LENGTH));
    arrow.attr("stroke", colour).attr("d", traceArrow([plot.x(x), plot.y(y)], [plot.x(end[0]), plot.y(end[1])], 12));
    point.show(x, y);
    tip.show(...end);
    const range = 1.25 * most || 1;
    side.fit({ y: [-range, range] });
    level.attr("x1", side.x(0)).attr("x2", side.x(360)).attr("y1", side.y(0)).attr("y2", side.y(0));
    curve.attr("d", tracePath(side, frame.turn));
    const special = frame.steepest === null ? [] : [["gradient", frame.steepest, most], ["against it", (frame.steepest + 180) % 360, -most]];
    marks.selectAll("line").data(special).join("line").attr("class", "limit")
      .attr("x1", ([, at]) => side.x(at)).attr("x2", ([, at]) => side.x(at)).attr("y1", side.y(0)).attr("y2", ([, , slope]) => side.y(slope));
    names.selectAll("text").data(special).join("text").attr("class", "told small").attr("text-anchor", "middle")
      .attr("x", ([, at]) => Math.max(side.x(0) + 26, Math.min(side.x(360) - 26, side.x(at)))).attr("y", ([, , slope]) => side.y(slope) + (slope > 0 ? -7 : 17)).text(([name]) => name);
    grip.show(direction, frame.slope);
    placeLabel(told, side, side.x(direction), side.y(frame.slope) + (frame.slope > 0 ? 24 : -14), `slope ${format(frame.slope, 3)}`, 10);
  }

  return { update };
}

export const drawings = { hill: drawHill, slices: drawSlices, compass: drawCompass };
