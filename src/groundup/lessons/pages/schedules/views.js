// Draws a training with and without a schedule and clipping, the schedule alone, and a gradient that is clipped.
import { element, format, makeLine } from "/static/views/elements.js";
import { traceArrow } from "/static/views/landscape.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

// The learning rate of every step; the hand moves the end of the warm-up.
function drawSchedule(api) {
  const plot = makePlot(api.root, { x: [0, 200], y: [0, 0.11], label: "The learning rate of every step", xLabel: "step t", yLabel: "learning rate", ratio: 0.34, tallest: 260, lowest: 190, ticks: [5, 5] });
  const rise = plot.inside.append("rect").style("fill", "var(--second)").attr("opacity", 0.1);
  const foot = plot.inside.append("line").attr("class", "limit");
  const curve = plot.inside.append("path").attr("class", "curve");
  const dot = plot.above.append("circle").attr("class", "ball").attr("r", 7).style("pointer-events", "none");
  const names = ["warm-up", "half a cosine", "α min"].map((word) => plot.above.append("text").attr("class", "told small").text(word));
  const handle = makeHandle(plot, {
    label: "the end of the warm-up", axis: "x", step: 1, kind: "other", bounds: { x: [0, 100] },
    move: ({ x }) => api.set({ warm_up: Math.round(x) }), text: ({ x }) => `step ${x}`,
  });

  const showRate = makeLine(api.root, "learning rate of step %: %");

  function update(frame, { warm_up: warmUp, lowest, step }) {
    plot.fit();
    const [top, ground] = [plot.y.range()[1], plot.y.range()[0]];
    curve.attr("d", tracePath(plot, frame.rates.map((rate, at) => [at, rate])));
    rise.attr("x", plot.x(0)).attr("width", plot.x(warmUp) - plot.x(0)).attr("y", top).attr("height", ground - top);
    foot.attr("x1", plot.x(0)).attr("x2", plot.x(200)).attr("y1", plot.y(lowest)).attr("y2", plot.y(lowest));
    dot.attr("cx", plot.x(step)).attr("cy", plot.y(frame.rates[step]));
    handle.show(warmUp, frame.rates[warmUp]);
    names[0].attr("x", plot.x(warmUp / 2)).attr("y", top + 14).attr("text-anchor", "middle").style("display", warmUp > 24 ? null : "none");
    names[1].attr("x", plot.x((warmUp + 200) / 2) + 12).attr("y", plot.y((frame.rates[warmUp] + lowest) / 2) - 12);
    names[2].attr("x", plot.x(0) + 6).attr("y", plot.y(lowest) - 6).style("display", lowest > 0.01 && lowest < 0.09 ? null : "none");
    const rate = format(frame.rates[step], 3);
    showRate([[String(step)], [rate, `rate${step}`]]);
    api.say(step < warmUp ? `Step ${step} of 200, warm-up: the learning rate is ${rate}.` : `Step ${step} of 200, cosine: the learning rate is ${rate}.`);
  }

  return { update, local: ["step"], traced: ["step"] };
}

// One training twice: with a constant rate, and with what is to help it.
function drawHelped(api) {
  const pair = element("div", "pair");
  const [left, right] = [element("div"), element("div")];
  pair.append(left, right);
  api.root.append(pair);
  const common = { x: [0, 96], xLabel: "step", ticks: [5, 3], margin: { top: 26 } };
  // Both names stand above the plot: curves run everywhere in it.
  const losses = makePlot(left, { ...common, margin: { top: 62 }, y: [0, 5], label: "The losses of both trainings", yLabel: "loss of a batch", ratio: 0.8, tallest: 330, lowest: 250 });
  const rates = makePlot(right, { ...common, y: [0, 0.11], label: "The learning rate of each step", yLabel: "learning rate", ratio: 0.4, tallest: 165, lowest: 130 });
  const lengths = makePlot(right, { ...common, y: [0.05, 500], yLog: true, label: "The length of each step's gradient before clipping", yLabel: "length of the gradient", ratio: 0.4, tallest: 165, lowest: 130 });
  const curves = ["pale", "other"].map((kind) => losses.inside.append("path").attr("class", `curve thin ${kind}`));
  const names = ["without", "with"].map((word, place) => losses.above.append("text").attr("class", "told small").attr("text-anchor", "end").style("fill", `var(--${["soft", "second"][place]})`));
  const flat = rates.inside.append("path").attr("class", "curve pale");
  const rate = rates.inside.append("path").attr("class", "curve other");
  const length = lengths.inside.append("path").attr("class", "curve thin other");
  const limit = lengths.inside.append("line").attr("class", "limit strong");

  function update(frame) {
    for (const plot of [losses, lengths]) plot.fit({ x: [0, frame.steps] });
    rates.fit({ x: [0, frame.steps], y: [0, 1.15 * frame.rate] });
    frame.losses.forEach((found, place) => {
      curves[place].attr("d", tracePath(losses, found.map((loss, step) => [step + 1, Math.min(5, loss)])));
      names[place].attr("x", losses.x(frame.steps) - 4).attr("y", 12 + 16 * place).text(`${["without", "with"][place]}: ${found.length ? `${(100 * frame.right[place]).toFixed(1)}\u00a0% of new digits right` : "not trained yet"}`);
    });
    flat.attr("d", tracePath(rates, [[0, frame.rate], [frame.steps, frame.rate]]));
    rate.attr("d", tracePath(rates, frame.rates.map((value, step) => [step, value])));
    length.attr("d", tracePath(lengths, frame.lengths.map((value, step) => [step + 1, Math.min(500, Math.max(0.05, value))])));
    limit.style("display", frame.clip ? null : "none").attr("x1", lengths.x(0)).attr("x2", lengths.x(frame.steps)).attr("y1", lengths.y(frame.longest)).attr("y2", lengths.y(frame.longest));
  }

  return { update };
}

// A gradient of two weights that the hand pulls, the circle of its largest length, and what clipping makes of it.
function drawClip(api) {
  const plot = makePlot(api.root, { x: [-9, 9], y: [-5, 5], label: "A gradient and its largest length", xLabel: "gradient of the first weight", yLabel: "gradient of the second weight", ratio: 0.56, tallest: 380, lowest: 210, margin: { left: 34 } });
  const circle = plot.inside.append("ellipse").attr("class", "limit strong").style("fill", "none");
  const arrows = ["clip-given", "clip-singly", "clip-kept"].map((kind) => plot.inside.append("path").attr("class", kind));
  const names = ["gradient", "each by itself", "clipped"].map((word) => plot.above.append("text").attr("class", "told small").text(word));
  const handle = makeHandle(plot, {
    label: "the gradient", step: 0.1, bounds: { x: [-6, 6], y: [-4.6, 4.6] },
    move: ({ x, y }) => api.set({ gradient: [[Math.round(x * 10) / 10, Math.round(y * 10) / 10]] }), text: ({ x, y }) => `${format(x, 3)}, ${format(y, 3)}`,
  });
  const showNumbers = makeLine(api.root, "Length %, factor %, clipped gradients % and %.");

  function update(frame, { longest }) {
    // A unit is equally long on both axes, so that the circle is one.
    const { width, height } = plot.fit();
    const half = (5 * (width - plot.margin.left - plot.margin.right)) / (height - plot.margin.top - plot.margin.bottom);
    plot.fit({ x: [-half, half] });
    const [zero, ground] = [plot.x(0), plot.y(0)];
    circle.attr("cx", zero).attr("cy", ground).attr("rx", plot.x(longest) - zero).attr("ry", ground - plot.y(longest));
    const ends = [frame.gradient, frame.singly, frame.clipped].map(([x, y]) => [plot.x(x), plot.y(y)]);
    ends.forEach((end, place) => arrows[place].attr("d", traceArrow([zero, ground], end)));
    const same = Math.hypot(frame.singly[0] - frame.clipped[0], frame.singly[1] - frame.clipped[1]) < 0.15;
    const side = frame.gradient[0] < 0 ? -1 : 1;
    ends.forEach(([x, y], place) => names[place].attr("text-anchor", side > 0 ? "start" : "end").attr("x", x + side * (place ? 8 : 14)).attr("y", y + (place === 1 ? -6 : place === 2 ? 16 : 5)).style("display", place === 1 ? (same ? "none" : null) : place === 2 && frame.factor === 1 ? "none" : null));
    arrows[1].style("display", same ? "none" : null);
    handle.show(...frame.gradient);
    showNumbers([[format(frame.norm, 3), "norm"], [format(frame.factor, 3), "factor"], [format(frame.clipped[0], 3), "first"], [format(frame.clipped[1], 3), "second"]]);
  }

  return { update };
}

export const drawings = { helped: drawHelped, schedule: drawSchedule, clip: drawClip };
