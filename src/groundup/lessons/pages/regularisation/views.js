// Draws a polynomial and a network with weight decay, and nodes under dropout.
import { drawNetwork, LEAST, LIFT, makePointHandle } from "/lessons/overfitting/views.js";
import { format, makePair } from "/static/views/elements.js";
import { keepNear, makeHandle, makePlot, tracePath } from "/static/views/plot.js";

// The curve of the highest degree with weight decay; at the right both errors for each strength, and the weights.
function drawDecay(api) {
  const [left, right] = makePair(api.root);
  const plot = makePlot(left, { x: [-1.05, 1.05], y: [-2.6, 2.6], label: "Ten points and the curve with weight decay", xLabel: "x", yLabel: "y", ratio: 0.85, tallest: 380, lowest: 250, margin: { left: 34 } });
  const fresh = plot.inside.append("g");
  const gaps = plot.inside.append("g");
  const curve = plot.inside.append("path").attr("class", "curve");
  const handles = [];
  const errors = makePlot(right, { x: [1e-5, 10], y: [LEAST, 20], xLog: true, yLog: true, label: "Training and test error for each strength", xLabel: "weight decay λ", yLabel: "error", ratio: 0.55, tallest: 220, lowest: 190, ticks: [4, 4], margin: { left: 48, right: 20 } });
  const chosen = errors.inside.append("line").attr("class", "stop-line");
  const lines = ["known", "unknown"].map((kind) => errors.inside.append("path").attr("class", `curve ${kind}`));
  const dots = ["known", "unknown"].map((kind) => errors.above.append("circle").attr("class", `error-dot ${kind}`).attr("r", 5));
  const names = ["training", "test"].map((word) => errors.above.append("text").attr("class", "told small").text(word));
  const slide = makeHandle(errors, {
    kind: "cut", label: "weight decay", axis: "x", bounds: { x: [1e-5, 10] },
    move: ({ x }) => api.set({ decay: limit(x) }), text: ({ x }) => `λ = ${format(x, 2)}`,
  });
  // On a logarithmic axis an arrow key multiplies.
  slide.group.on("keydown.log", (event) => {
    const side = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key] ?? 0;
    if (side) api.set({ decay: limit(api.values.decay * 1.15 ** (side * (event.shiftKey ? 5 : 1))) });
  });
  const weights = makePlot(right, { x: [-0.6, 9.6], y: [-3.6, 3.6], label: "The ten weights", xLabel: "number of the weight", yLabel: "value of the weight", ratio: 0.4, tallest: 160, lowest: 140, ticks: [10, 4], margin: { left: 48, right: 20, top: 24 } });
  const bars = weights.inside.append("g");
  const outlines = weights.inside.append("g");

  // Errors are drawn up to the largest strength that was tried: the rest would answer what is asked.
  let largest = 0;

  function update(frame, { decay, points }) {
    largest = Math.max(largest, decay);
    plot.fit();
    fresh.selectAll("path").data(frame.new).join("path").attr("class", "new-example").attr("d", ([x, y]) => `M${plot.x(x) - 3.5},${plot.y(y)}h7M${plot.x(x)},${plot.y(y) - 3.5}v7`);
    curve.attr("d", tracePath(plot, frame.curve.map((y, place) => [frame.x[place], y])));
    gaps.selectAll("line").data(frame.points).join("line").attr("class", "residual").attr("x1", ([x]) => plot.x(x)).attr("x2", ([x]) => plot.x(x))
      .attr("y1", ([, y]) => plot.y(y)).attr("y2", (_, place) => plot.y(keepNear(frame.fitted[place])));
    while (handles.length < points.length) handles.push(makePointHandle(api, plot, handles.length));
    handles.forEach((handle, place) => handle.show(...points[place]));
    errors.fit();
    const keep = (error) => Math.min(20, Math.max(LEAST, error));
    const tried = frame.strengths.filter((strength) => strength <= largest * 1.0001);
    [frame.all_training, frame.all_test].forEach((found, place) => {
      lines[place].attr("d", tracePath(errors, tried.map((strength, at) => [strength, keep(found[at])])));
      dots[place].attr("cx", errors.x(decay)).attr("cy", errors.y(keep(place ? frame.test : frame.training)));
      // Beside the line of the smallest strength: the training error hardly rises at first.
      const y = errors.y(keep(found[0]));
      names[place].attr("x", errors.x(1e-5) + 12).attr("y", y > errors.y(LEAST) - 24 ? y - 8 : y + 18);
    });
    chosen.attr("x1", errors.x(decay)).attr("x2", errors.x(decay)).attr("y1", errors.y(LEAST)).attr("y2", errors.y(20));
    slide.show(decay, errors.y.invert(errors.y(20) + LIFT));
    const most = 1.1 * Math.max(1, ...frame.free.map(Math.abs));
    weights.fit({ y: [-most, most] });
    const wide = (weights.x(1) - weights.x(0)) * 0.6;
    for (const [group, kind, values] of [[bars, "node-bar", frame.weights], [outlines, "node-before", frame.free]]) {
      group.selectAll("rect").data(values).join("rect").attr("class", kind).attr("x", (_, place) => weights.x(place) - wide / 2).attr("width", wide)
        .attr("y", (value) => weights.y(Math.max(0, value))).attr("height", (value) => Math.abs(weights.y(value) - weights.y(0)));
    }
  }

  return { update };
}

const limit = (decay) => Number(Math.min(10, Math.max(1e-5, decay)).toPrecision(2));

function drawDropout(api) {
  const plot = makePlot(api.root, { x: [0.4, 10.6], y: [0, 4.4], label: "Ten nodes before and after dropout", xLabel: "node", yLabel: "value", ratio: 0.4, tallest: 300, lowest: 210, ticks: [10, 4], margin: { left: 34 } });
  const bars = plot.inside.append("g");
  const outlines = plot.inside.append("g");
  const means = plot.inside.append("g");
  const marks = plot.above.append("g");

  function update(frame) {
    const most = Math.max(2.2, 2 * frame.factor) * 1.1;
    plot.fit({ y: [0, most] });
    const wide = (plot.x(2) - plot.x(1)) * 0.56;
    const bottom = plot.y(0);
    const slow = (selection) => (api.isCalm ? selection : selection.transition().duration(120));
    slow(bars.selectAll("rect").data(frame.after).join("rect").attr("class", "node-bar").attr("x", (_, node) => plot.x(node + 1) - wide / 2).attr("width", wide))
      .attr("y", (value) => plot.y(value)).attr("height", (value) => bottom - plot.y(value));
    outlines.selectAll("rect").data(frame.before).join("rect").attr("class", "node-before").attr("x", (_, node) => plot.x(node + 1) - wide / 2).attr("width", wide)
      .attr("y", (value) => plot.y(value)).attr("height", (value) => bottom - plot.y(value));
    slow(means.selectAll("line").data(frame.means).join("line").attr("class", "node-mean").attr("x1", (_, node) => plot.x(node + 1) - wide * 0.75).attr("x2", (_, node) => plot.x(node + 1) + wide * 0.75))
      .attr("y1", (value) => plot.y(value)).attr("y2", (value) => plot.y(value));
    marks.selectAll("text").data(frame.after).join("text").attr("data-number", (_, node) => `node${node}`).attr("class", "told small").attr("text-anchor", "middle").attr("x", (_, node) => plot.x(node + 1))
      .attr("y", (value) => plot.y(value) - 7).text((value) => (value ? format(value, 2) : "off"));
    api.say(`${frame.says} The orange lines are the means over ${frame.draws} ${frame.draws === 1 ? "draw" : "draws"}; the outlines are the values without dropout.`);
  }

  return { update, pace: 4 };
}

export const drawings = { decay: drawDecay, network: drawNetwork, dropout: drawDropout };
