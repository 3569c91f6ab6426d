// Draws a ball in a long valley with the factors of its steps, three balls on one landscape, and a network under three optimizers.
import { contours, line, scaleLinear } from "/static/vendor/d3.js";

import { mix, readColours } from "/static/views/colours.js";
import { format, makeLine } from "/static/views/elements.js";
import { divide, showContours } from "/static/views/landscape.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

const RULES = [["plain", "plain descent"], ["momentum", "momentum"], ["adam", "Adam"]];
const RULE_TONES = { plain: "var(--second)", momentum: "var(--third)", adam: "var(--good)" };
const TONES = ["var(--first)", "var(--second)"];
const DIRECTIONS = ["along", "across"];
const CURVATURES = [0.02, 2];

// A ball in a long valley at the left, and its distance along both directions; at the right the factor per step of each.
function drawValley(api) {
  const [left, right] = divide(api.root, [{ share: 1.15, least: 260 }, { share: 1, least: 250 }]);
  const map = makePlot(left, { x: [-10, 10], y: [-5, 5], label: "A long valley from above, and the ball's way", xLabel: "along the valley", yLabel: "across", ratio: 0.56, tallest: 225, lowest: 170, ticks: [5, 5], margin: { left: 34 } });
  const land = map.inside.append("g");
  const way = map.inside.append("path").attr("class", "way").style("stroke", "var(--third)");
  const ball = map.above.append("circle").attr("class", "pin").attr("r", 7).style("fill", "var(--third)").style("pointer-events", "none");
  const start = makeHandle(map, {
    label: "the start", step: 0.2, kind: "start", radius: 7, bounds: { x: [-10, 10], y: [-5, 5] },
    move: ({ x, y }) => { api.pause(); api.set({ start: [[Math.round(x * 5) / 5, Math.round(y * 5) / 5]], steps: 0 }); },
    text: ({ x, y }) => `${format(x, 3)}, ${format(y, 3)}`,
  });
  const distances = makePlot(left, { x: [0, 100], y: [-1, 1], label: "What is left of the distance along each direction", xLabel: "step", yLabel: "left of the distance", ratio: 0.42, tallest: 165, lowest: 140, ticks: [5, 4], margin: { left: 34, top: 24 } });
  const zero = distances.inside.append("line").attr("class", "limit");
  const lines = DIRECTIONS.map((_, side) => distances.inside.append("path").attr("class", "curve thin").style("stroke", TONES[side]));
  const factors = makePlot(right, { x: [2e-4, 5], y: [0, 1.2], xLog: true, label: "The factor per step of each direction", xLabel: "rate · curvature", yLabel: "factor per step", ratio: 1, tallest: 360, lowest: 270, ticks: [4, 6], margin: { left: 34, top: 26 } });
  const worse = factors.inside.append("rect").style("fill", "var(--bad)").attr("opacity", 0.1);
  const one = factors.inside.append("line").attr("class", "limit strong");
  const gap = factors.inside.append("path").attr("class", "tangent").style("stroke", "var(--soft)").style("stroke-width", 1.2).style("fill", "none");
  const curve = factors.inside.append("path").attr("class", "curve");
  const gapName = factors.above.append("text").attr("class", "told small").attr("text-anchor", "middle").text("100 times");
  const names = DIRECTIONS.map((word, side) => factors.above.append("text").attr("class", "told small").style("fill", TONES[side]).text(word));
  const handles = DIRECTIONS.map((word, side) => makeHandle(factors, {
    label: `rate times the curvature ${word} the valley`, axis: "x", kind: side ? "other" : "", bounds: { x: [0.01 * CURVATURES[side], 2 * CURVATURES[side]] },
    step: 0.01 * CURVATURES[side], move: ({ x }) => api.set({ rate: Math.min(2, Math.max(0.01, Number((x / CURVATURES[side]).toPrecision(2)))) }), text: ({ x }) => format(x, 3),
  }));
  const showFactors = makeLine(api.root, "Factor per step: % along the valley (%), % across it (%).");

  function update(frame, { steps, start: [[x, y]] }) {
    for (const plot of [map, distances, factors]) plot.fit();
    showContours(map, land, frame.land);
    const count = Math.min(steps, frame.path.length - 1);
    way.attr("d", tracePath(map, frame.path.slice(0, count + 1)));
    const [left, up] = frame.path[count];
    ball.style("display", Math.abs(left) <= 10 && Math.abs(up) <= 5 ? null : "none").attr("cx", map.x(left)).attr("cy", map.y(up));
    start.show(Math.max(-10, Math.min(10, x)), Math.max(-5, Math.min(5, y)));
    zero.attr("x1", distances.x(0)).attr("x2", distances.x(100)).attr("y1", distances.y(0)).attr("y2", distances.y(0));
    lines.forEach((path, side) => path.attr("d", tracePath(distances, frame.path.slice(0, count + 1).map((row, step) => [step, row[side] / (frame.path[0][side] || 1)]))));
    const keep = (factor) => Math.min(1.2, factor);
    curve.attr("d", tracePath(factors, frame.products.map((product, place) => [product, frame.curve[place]])));
    const [low, high] = [factors.x(2e-4), factors.x(5)];
    const away = Math.min(high, factors.x(frame.limit));
    worse.attr("x", away).attr("width", high - away).attr("y", factors.y(1.2)).attr("height", factors.y(0) - factors.y(1.2));
    one.attr("x1", low).attr("x2", high).attr("y1", factors.y(1)).attr("y2", factors.y(1));
    const places = frame.places.map((place) => factors.x(place));
    const foot = factors.y(0.08);
    gap.attr("d", `M${places[0]},${foot - 5}v10M${places[0]},${foot}H${places[1]}M${places[1]},${foot - 5}v10`);
    gapName.attr("x", (places[0] + places[1]) / 2).attr("y", foot - 8);
    handles.forEach((handle, side) => {
      handle.show(frame.places[side], keep(frame.factors[side]));
      const factor = keep(frame.factors[side]);
      names[side].attr("text-anchor", "middle").attr("x", Math.min(places[side], high - 20)).attr("y", factors.y(factor) + (factor < 0.35 ? -15 : 26));
    });
    const tell = (side) => {
      const factor = frame.factors[side];
      if (factor > 1 + 1e-9) return "runs away";
      const need = factor > 1 - 1e-9 ? "never closer" : `a tenth after ${factor < 1e-6 ? 1 : Math.max(1, Math.ceil(Math.log(0.1) / Math.log(factor)))} steps`;
      return frame.swings[side] ? `swings, ${need}` : need;
    };
    showFactors([[format(frame.factors[0], 3), "along"], [tell(0)], [format(frame.factors[1], 3), "across"], [tell(1)]]);
    api.say(`After ${count} step${count === 1 ? "" : "s"} the ball is at ${format(left, 3)} along the valley and ${format(up, 3)} across it; the height is ${format(frame.path[count][2], 3)}.`);
  }

  return { update, local: ["steps"], pace: 12 };
}

// Three balls on one landscape, drawn by lines of equal height.
function drawRace(api) {
  const plot = makePlot(api.root, { x: [-10, 10], y: [-5, 5], label: "A landscape and three balls", xLabel: "first weight", yLabel: "second weight", ratio: 0.5, tallest: 430, margin: { top: 24 } });
  const land = plot.inside.append("g");
  const ways = plot.inside.append("g");
  const balls = plot.above.append("g");
  const names = plot.above.append("g");
  const handle = makeHandle(plot, {
    label: "the start", step: 0.2, kind: "start", radius: 8, bounds: { x: [-10, 10], y: [-5, 5] },
    move: ({ x, y }) => { api.pause(); api.set({ start: [[Math.round(x * 5) / 5, Math.round(y * 5) / 5]], steps: 0 }); },
    text: ({ x, y }) => `${format(x, 3)}, ${format(y, 3)}`,
  });

  const showSteps = ["first", "second"].map((weight) => makeLine(api.root, `${weight} weight, next step: plain descent %, momentum %, Adam %`));

  function update(frame, { steps, start }) {
    const colours = readColours();
    plot.fit();
    const [rows, columns] = [frame.heights.length, frame.heights[0].length];
    const flat = frame.heights.flat();
    const [low, high] = [Math.min(...flat), Math.max(...flat)];
    // Levels closer together near the lowest ground, where the balls end.
    const levels = Array.from({ length: 13 }, (_, place) => low + (high - low) * ((place + 0.15) / 13) ** 2.2);
    const toX = scaleLinear([0.5, columns - 0.5], [plot.x(-10), plot.x(10)]);
    const toY = scaleLinear([0.5, rows - 0.5], [plot.y(-5), plot.y(5)]);
    const trace = line().x(([x]) => toX(x)).y(([, y]) => toY(y));
    land.selectAll("path").data(contours().size([columns, rows]).thresholds(levels)(flat)).join("path")
      .attr("d", ({ coordinates }) => coordinates.flat().map((ring) => `${trace(ring)}Z`).join(""))
      .style("fill", (_, place) => mix(colours.first, colours.card, 0.35 + (place / 13) * 0.6)).style("fill-rule", "evenodd")
      .style("stroke", colours.card).style("stroke-width", 0.8);
    const count = Math.min(steps, frame.paths.plain.length - 1);
    const inside = ([x, y]) => Math.abs(x) <= 10 && Math.abs(y) <= 5;
    ways.selectAll("path").data(RULES, ([name]) => name).join("path").attr("class", "way").style("stroke", ([name]) => RULE_TONES[name])
      .attr("d", ([name]) => tracePath(plot, frame.paths[name].slice(0, count + 1).map(([x, y]) => [Math.max(-30, Math.min(30, x)), Math.max(-30, Math.min(30, y))])));
    const places = RULES.map(([name, word]) => ({ name, word, at: frame.paths[name][count] }));
    balls.selectAll("circle").data(places, ({ name }) => name).join("circle").attr("class", "pin").attr("r", 8).style("fill", ({ name }) => RULE_TONES[name])
      .style("display", ({ at }) => (inside(at) ? null : "none")).attr("cx", ({ at }) => plot.x(at[0])).attr("cy", ({ at }) => plot.y(at[1]));
    names.selectAll("text").data(places, ({ name }) => name).join("text").attr("class", "told").attr("text-anchor", "end")
      .attr("x", plot.x(10) - 8).attr("y", (_, place) => plot.y(5) + 18 + 18 * place).style("fill", ({ name }) => RULE_TONES[name])
      .text(({ word, at }) => `● ${word} ${format(at[2], 3)}`);
    handle.show(Math.max(-10, Math.min(10, start[0][0])), Math.max(-5, Math.min(5, start[0][1])));
    ["x", "y"].forEach((along, side) => showSteps[side](RULES.map(([name]) => [format(frame.moves[name][count][side], 3), `${name}_${along}${count}`])));
    const heights = places.map(({ word, at }) => `${word} ${format(at[2], 3)}`);
    api.say(`Heights after ${count} step${count === 1 ? "" : "s"}: ${heights.join(", ")}.`);
  }

  return { update, local: ["steps"], traced: ["steps"], pace: 12 };
}

// The losses of one network under three optimizers, and how many new digits each gets right.
function drawNetworks(api) {
  const plot = makePlot(api.root, { x: [0, 96], y: [0, 3], label: "The losses under three optimizers", xLabel: "step", yLabel: "loss of a batch", ratio: 0.42, tallest: 330, lowest: 250, ticks: [6, 4], margin: { top: 62 } });
  const blind = plot.inside.append("line").attr("class", "limit");
  const curves = RULES.map(([name]) => plot.inside.append("path").attr("class", "curve thin").style("stroke", RULE_TONES[name]));
  const names = RULES.map(([name]) => plot.above.append("text").attr("class", "told small").attr("text-anchor", "end").style("fill", RULE_TONES[name]));

  function update(frame) {
    plot.fit({ x: [0, frame.steps] });
    blind.attr("x1", plot.x(0)).attr("x2", plot.x(frame.steps)).attr("y1", plot.y(2.3026)).attr("y2", plot.y(2.3026));
    RULES.forEach(([, word], place) => {
      curves[place].attr("d", tracePath(plot, frame.losses[place].map((loss, step) => [step + 1, Math.min(3, loss)])));
      names[place].attr("x", plot.x(frame.steps) - 4).attr("y", 12 + 16 * place).text(`${word}: ${(100 * frame.right[place]).toFixed(1)}\u00a0% of new digits right`);
    });
  }

  return { update };
}

export const drawings = { valley: drawValley, race: drawRace, networks: drawNetworks };
