// Draws a neuron with its numbers, two activations, a numeric check, and a neuron that learns.
import { line, select } from "/static/vendor/d3.js";

import { bend, makeDiagram, makeKnob, showTexts, thick } from "/static/views/diagram.js";
import { element, format } from "/static/views/elements.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const FORWARD = 4;

// Inputs at the left, the loss at the right: numbers light up forward, then gradients backward.
function drawChain(api) {
  const diagram = makeDiagram(api.root, "A neuron: two inputs, two weights, a bias, a sigmoid and the loss");
  const wires = diagram.back.append("g");
  const marks = diagram.back.append("g");
  const notes = diagram.front.append("g");
  const turn = (name) => (value) => { api.pause(); api.set({ [name]: value }); };
  const knob = (name, shown, label, bounds) => makeKnob(diagram.front, { name: shown, label, step: 0.1, move: turn(name), ...bounds });
  const wide = { low: -4, high: 4 };
  const knobs = {
    x1: knob("x1", "x₁", "input x₁", { low: -3, high: 3 }), x2: knob("x2", "x₂", "input x₂", { low: -3, high: 3 }),
    w1: knob("w1", "w₁", "weight w₁", wide), w2: knob("w2", "w₂", "weight w₂", wide), b: knob("b", "b", "bias b", wide),
    truth: knob("truth", "y", "truth y", { low: 0, high: 1 }),
  };

  for (const [name, { group }] of Object.entries(knobs)) group.select(".knob-frame").attr("data-number", name);

  function update(frame, values) {
    const { stage } = values;
    const width = diagram.fit(330);
    const small = width < 520;
    const radius = small ? 21 : 28;
    const [left, turnX, sumX, actX, lossX] = small
      ? [34, width * 0.33, width * 0.55, width * 0.745, width - 26] : [50, width * 0.24, width * 0.46, width * 0.67, width - 60];
    const middle = 145;
    const ends = { x1: [left, 62], x2: [left, 228], b: [turnX, 296] };
    const turns = { x1: [turnX, 85], x2: [turnX, 205] };
    const gradients = { w1: frame.dw[0], w2: frame.dw[1], b: frame.db };
    const most = Math.max(0.05, ...Object.values(gradients).map(Math.abs));
    const lit = (from) => stage >= from;
    const wire = (key, from, to, at, size, back) => ({ key, path: bend(from, to), on: lit(at), size, back: back !== undefined && lit(back) });
    wires.selectAll("path").data([
      wire("x1", ends.x1, turns.x1, 1, 1.5), wire("x2", ends.x2, turns.x2, 1, 1.5),
      wire("w1", turns.x1, [sumX, middle], 1, thick(frame.products[0], 8), 7), wire("w2", turns.x2, [sumX, middle], 1, thick(frame.products[1], 8), 7),
      wire("b", ends.b, [sumX, middle], 2, thick(values.b, 8), 7),
      wire("z", [sumX, middle], [actX, middle], 3, 3, 6), wire("p", [actX, middle], [lossX, middle], 4, 3, 5),
      wire("y", [lossX, 40], [lossX, middle], 4, 1.5),
    ], (row) => row.key).join("path").attr("class", (row) => `wire ${row.on ? "on" : ""} ${row.back ? "back" : ""}`)
      .attr("d", (row) => row.path).style("stroke-width", (row) => row.size);
    const nodes = [
      { key: "z", number: "z", x: sumX, at: 2, back: 6, sign: "Σ" }, { key: "p", x: actX, at: 3, back: 5, sign: "" }, { key: "loss", x: lossX, at: 4, back: 5, sign: "½( )²" },
    ];
    const drawn = marks.selectAll("g.node").data(nodes, (row) => row.key).join((enter) => {
      const group = enter.append("g").attr("class", "node");
      group.append("circle");
      group.append("text").attr("class", "sign").attr("text-anchor", "middle").attr("dy", "0.35em");
      group.append("path").attr("class", "curve small");
      return group;
    });
    drawn.attr("transform", (row) => `translate(${row.x},${middle})`).classed("on", (row) => lit(row.at)).classed("back", (row) => lit(row.back));
    drawn.select("circle").attr("r", radius);
    drawn.select("text").text((row) => row.sign).style("font-size", small ? "12px" : "15px");
    const bow = line().x(([x]) => x * radius * 0.14).y(([, y]) => (0.5 - y) * radius);
    drawn.select("path.curve").attr("d", (row) => (row.key === "p" ? bow(SIGMOID) : null));
    knobs.x1.show(...ends.x1, values.x1);
    knobs.x2.show(...ends.x2, values.x2);
    knobs.w1.show(...turns.x1, values.w1);
    knobs.w2.show(...turns.x2, values.w2);
    knobs.b.show(...ends.b, values.b);
    knobs.truth.show(lossX, 36, values.truth);
    const below = middle + radius + 19;
    const between = (one, other) => (one + other) / 2;
    showTexts(notes, [
      { key: "p1", number: "product1", x: between(turnX, sumX) + 8, y: 92, text: format(frame.products[0], 3), kind: "value", on: lit(1) && !small },
      { key: "p2", number: "product2", x: turnX + 0.36 * (sumX - turnX), y: 171, text: format(frame.products[1], 3), kind: "value", on: lit(1) && !small },
      { key: "z", number: "z", x: sumX, y: small ? below : middle - radius - 9, text: `z = ${format(frame.z, 3)}`, kind: "value", on: lit(2) },
      { key: "pred", number: "prediction", x: actX, y: middle - radius - 9, text: `ŷ = ${format(frame.prediction, frame.prediction > 0.999 ? 6 : small ? 3 : 4)}`, kind: "value", on: lit(3) },
      { key: "loss", number: "loss", x: lossX, y: below, text: small ? format(frame.loss, 3) : `loss ${format(frame.loss, 4)}`, kind: "value", on: lit(4) },
      { key: "e", number: "error", x: between(actX, lossX), y: below + 22, text: `${small ? "←" : "← ŷ − y ="} ${format(frame.error, 3)}`, kind: "gradient", on: lit(5) },
      { key: "f", number: "flatness", x: between(sumX, actX), y: below + 44, text: `${small ? "←" : "← ŷ (1 − ŷ) ="} ${format(frame.flatness, 3)}`, kind: "gradient", on: lit(6) },
      { key: "dz", number: "dz", x: sumX + 6, y: below + 66, text: `← ∂z ${format(frame.dz, 3)}`, kind: "gradient strong", on: lit(6) },
      { key: "g1", number: "dw1", x: turnX, y: 117, text: `∂ ${format(frame.dw[0], 3)}`, kind: "gradient strong", on: lit(7) },
      { key: "g2", number: "dw2", x: turnX, y: 237, text: `∂ ${format(frame.dw[1], 3)}`, kind: "gradient strong", on: lit(7) },
      { key: "gb", number: "db", x: turnX + 42, y: 301, text: `∂ ${format(frame.db, 3)}`, kind: "gradient strong", anchor: "start", on: lit(7) },
    ]);
    for (const name of ["w1", "w2", "b"]) {
      const size = lit(7) ? 2 + 6 * (Math.abs(gradients[name]) / most) : 2;
      select(knobs[name].group.node()).select(".knob-frame").style("stroke-width", size).classed("blamed", lit(7));
    }
    api.say(frame.told[stage]);
    api.root.dataset.direction = stage > FORWARD ? "back" : "forward";
  }

  return { update, local: ["stage"], pace: 0.9 };
}

// The shape that stands in the node: σ at a few places.
const SIGMOID = [[-6, 0.002], [-4, 0.018], [-3, 0.047], [-2, 0.119], [-1, 0.269], [0, 0.5], [1, 0.731], [2, 0.881], [3, 0.953], [4, 0.982], [6, 0.998]];

// Two plots side by side, with the same point on both.
function drawActivation(api) {
  const pair = element("div", "pair");
  api.root.append(pair);
  const parts = [["sigmoid", "σ(z)", [-0.25, 1.25]], ["relu", "relu(z)", [-1.5, 6.5]]].map(([name, title, y]) => {
    const place = element("div");
    pair.append(place);
    const plot = makePlot(place, { x: [-6, 6], y, label: title, xLabel: "z", yLabel: title, ratio: 0.75, tallest: 270, ticks: [5, 5] });
    const curve = plot.inside.append("path").attr("class", "curve");
    const tangent = plot.inside.append("line").attr("class", "tangent");
    const told = plot.above.append("text").attr("class", "told");
    const handle = makeHandle(plot, {
      label: `z of ${title}`, axis: "x", step: 0.1, bounds: { x: [-6, 6] },
      move: ({ x }) => api.set({ z: Math.round(x * 10) / 10 }), text: ({ x }) => `z = ${format(x, 3)}`,
    });
    return { name, plot, curve, tangent, told, handle };
  });

  function update(frame, { z }) {
    for (const { name, plot, curve, tangent, told, handle } of parts) {
      plot.fit();
      const { value, slope } = frame[name];
      curve.attr("d", tracePath(plot, frame[name].curve));
      tangent.attr("x1", plot.x(z - 3)).attr("y1", plot.y(value - 3 * slope)).attr("x2", plot.x(z + 3)).attr("y2", plot.y(value + 3 * slope));
      placeLabel(told, plot, plot.x(z), plot.y(value) - 16, `slope ${format(slope, 3)}`, 10, slope > 0);
      handle.show(z, value);
    }
  }

  return { update };
}

// The loss along one weight; a line through two of its points beside the tangent.
function drawNudge(api) {
  const plot = makePlot(api.root, { x: [-4, 6], y: [-0.05, 0.55], label: "The loss along one weight", xLabel: "the weight", yLabel: "loss", ratio: 0.5, tallest: 320 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const tangent = plot.inside.append("line").attr("class", "exact");
  const secant = plot.inside.append("line").attr("class", "tangent");
  const told = plot.above.append("text").attr("class", "told estimate");
  const exact = plot.above.append("text").attr("class", "told exactly");
  const second = makeHandle(plot, {
    label: "second point", axis: "x", step: 0.05, kind: "other", bounds: { x: [-4, 6] },
    move: ({ x }) => api.set({ gap: Math.min(2, Math.max(0.001, Number((x - api.values.place).toPrecision(2)))) }), text: ({ x }) => format(x, 3),
  });
  const first = makeHandle(plot, {
    label: "the weight", axis: "x", step: 0.1, bounds: { x: [-4, 4] },
    move: ({ x }) => api.set({ place: Math.round(x * 10) / 10 }), text: ({ x }) => format(x, 3),
  });
  const lay = (shape, [x, y], slope) => shape.attr("x1", plot.x(x - 12)).attr("y1", plot.y(y - 12 * slope)).attr("x2", plot.x(x + 12)).attr("y2", plot.y(y + 12 * slope));

  function update(frame) {
    plot.fit();
    curve.attr("d", tracePath(plot, frame.curve));
    lay(secant, frame.point, frame.estimate);
    lay(tangent, frame.point, frame.exact);
    const right = plot.x(6) - 4;
    exact.attr("x", right).attr("y", plot.y(0.55) + 18).attr("text-anchor", "end").text(`chain rule ${format(frame.exact)}`);
    told.attr("x", right).attr("y", plot.y(0.55) + 38).attr("text-anchor", "end").text(`estimate ${format(frame.estimate)}`);
    second.show(...frame.second);
    first.show(...frame.point);
  }

  return { update };
}

// The neuron's place on the sigmoid, step by step.
function drawLearn(api) {
  const plot = makePlot(api.root, { x: [-13, 13], y: [-0.08, 1.12], label: "The neuron's place on the sigmoid", xLabel: "z", yLabel: "ŷ", ratio: 0.42, tallest: 300 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const truth = plot.inside.append("line").attr("class", "limit strong");
  const dots = plot.inside.append("g");
  const ball = plot.inside.append("circle").attr("class", "ball").attr("r", 10);
  const told = plot.above.append("text").attr("class", "told");
  const name = plot.above.append("text").attr("class", "told small");

  function update(frame, values) {
    plot.fit();
    const count = Math.min(values.steps, frame.path.length - 1);
    const walked = frame.path.slice(0, count + 1);
    const [z, prediction, loss] = walked.at(-1);
    curve.attr("d", tracePath(plot, frame.curve));
    truth.attr("x1", plot.x(-13)).attr("x2", plot.x(13)).attr("y1", plot.y(values.truth)).attr("y2", plot.y(values.truth));
    name.attr("x", plot.x(-12.6)).attr("y", plot.y(values.truth) - 7).text("truth");
    dots.selectAll("circle").data(walked.slice(0, -1)).join("circle").attr("class", "was").attr("r", 3)
      .attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
    ball.attr("cx", plot.x(z)).attr("cy", plot.y(prediction));
    placeLabel(told, plot, plot.x(z), plot.y(prediction) + 22, `ŷ = ${format(prediction, prediction > 0.999 ? 6 : 4)}`, 14);
    api.say(`After ${count} step${count === 1 ? "" : "s"}: z = ${format(z)}, prediction ${format(prediction, 6)}, loss ${format(loss)}.`);
  }

  return { update, local: ["steps"], pace: 12 };
}

export const drawings = { chain: drawChain, activation: drawActivation, nudge: drawNudge, learn: drawLearn };
