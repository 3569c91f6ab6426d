// Draws a polynomial through points, and a network that learns by heart.
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";
import { makePixels } from "/static/views/pixels.js";
import { mix, readColours } from "/static/views/colours.js";
import { element, makePair, wholePercent } from "/static/views/elements.js";

export const LEAST = 1e-3; // smaller errors stand at the foot of a logarithmic axis
export const LIFT = 12; // a handle stands so far below the upper end of its line, in pixels: there it is no point of a curve

function drawPolynomial(api) {
  const [left, right] = makePair(api.root);
  const plot = makePlot(left, { x: [-1.05, 1.05], y: [-2.6, 2.6], label: "Ten points and the curve through them", xLabel: "x", yLabel: "y", ratio: 0.85, tallest: 330, lowest: 250, margin: { left: 34 } });
  const fresh = plot.inside.append("g");
  const extra = plot.inside.append("g");
  const gaps = plot.inside.append("g");
  const curve = plot.inside.append("path").attr("class", "curve");
  const handles = [];
  const errors = makePlot(right, { x: [-0.3, 9.6], y: [LEAST, 20], yLog: true, label: "Training and test error for each degree", xLabel: "degree", yLabel: "error", ratio: 0.85, tallest: 330, lowest: 250, ticks: [9, 4], margin: { left: 48, right: 20 } });
  const best = errors.inside.append("line").attr("class", "limit");
  const chosen = errors.inside.append("line").attr("class", "stop-line");
  const lines = ["known", "unknown"].map((kind) => errors.inside.append("path").attr("class", `curve ${kind}`));
  const names = ["training", "test"].map((word) => errors.above.append("text").attr("class", "told small").text(word));
  const bestName = errors.above.append("text").attr("class", "told small").attr("text-anchor", "middle");
  const dots = ["known", "unknown"].map((kind) => errors.above.append("circle").attr("class", `error-dot ${kind}`).attr("r", 5));
  const slide = makeHandle(errors, {
    kind: "cut", label: "degree", axis: "x", step: 1, bounds: { x: [0, 9] },
    move: ({ x }) => { api.pause(); api.set({ degree: Math.round(x) }); }, text: ({ x }) => `degree ${x}`,
  });
  let seen = null;
  // Errors are drawn up to the highest degree that was tried: the rest would answer what is asked.
  let highest = 0;

  function update(frame, { degree, points }) {
    highest = Math.max(highest, degree);
    const all = highest === frame.test.length - 1;
    plot.fit();
    const cross = (x, y) => `M${x - 3.5},${y}h7M${x},${y - 3.5}v7`;
    fresh.selectAll("path").data(frame.new).join("path").attr("class", "new-example").attr("d", ([x, y]) => cross(plot.x(x), plot.y(y)));
    extra.selectAll("circle").data(frame.extra).join("circle").attr("class", "more-example").attr("r", 3.5).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
    const shape = frame.curves[degree].map((y, place) => [frame.x[place], Math.max(-40, Math.min(40, y))]);
    const smooth = seen !== null && !api.isCalm && seen !== frame.curves[degree];
    (smooth ? curve.transition().duration(180) : curve).attr("d", tracePath(plot, shape));
    seen = frame.curves[degree];
    gaps.selectAll("line").data(frame.points).join("line").attr("class", "residual").attr("x1", ([x]) => plot.x(x)).attr("x2", ([x]) => plot.x(x))
      .attr("y1", ([, y]) => plot.y(y)).attr("y2", (_, place) => plot.y(Math.max(-40, Math.min(40, frame.fitted[degree][place]))));
    while (handles.length < points.length) handles.push(makePointHandle(api, plot, handles.length));
    handles.forEach((handle, place) => {
      handle.group.style("display", place < points.length ? null : "none");
      if (place < points.length) handle.show(...points[place]);
    });
    errors.fit();
    const keep = (error) => Math.min(20, Math.max(LEAST, error));
    [frame.training, frame.test].forEach((found, place) => {
      const path = found.map((error, tried) => [tried, keep(error)]);
      lines[place].attr("d", tracePath(errors, path.slice(0, highest + 1)));
      dots[place].attr("cx", errors.x(degree)).attr("cy", errors.y(path[degree][1]));
      const [at, error] = all ? path[place ? 9 : 8] : path[0];
      names[place].attr("text-anchor", all ? "end" : "start").attr("x", errors.x(at) + (all ? -8 : 4)).attr("y", Math.min(errors.y(LEAST) - 8, errors.y(error) + (all === Boolean(place) ? -10 : 18)));
    });
    best.attr("x1", errors.x(frame.best)).attr("x2", errors.x(frame.best)).attr("y1", errors.y(LEAST)).attr("y2", errors.y(20));
    for (const mark of [best, bestName]) mark.style("display", all ? null : "none");
    const bottom = errors.y(LEAST);
    bestName.attr("text-anchor", frame.best > 7 ? "end" : "middle").attr("x", errors.x(frame.best) - (frame.best > 7 ? 8 : 0)).attr("y", bottom - 34).text(`lowest: ${frame.best}`);
    chosen.attr("x1", errors.x(degree)).attr("x2", errors.x(degree)).attr("y1", bottom).attr("y2", errors.y(20));
    slide.show(degree, errors.y.invert(errors.y(20) + LIFT));
    const told = `Degree ${degree}: the training error is ${frame.training[degree].toFixed(2)}, the test error ${frame.test[degree].toFixed(2)}.`;
    api.say(all ? `${told} The smallest test error is ${frame.test[frame.best].toFixed(2)}, at degree ${frame.best}.` : told);
  }

  return { update, local: ["degree"], pace: 1.4 };
}

// The handle of a training point.
export function makePointHandle(api, plot, place) {
  return makeHandle(plot, {
    label: `training point ${place + 1}`, step: 0.05, radius: 7, bounds: { x: [-1, 1], y: [-2.5, 2.5] },
    move: ({ x, y }) => api.set({ points: api.values.points.map((point, at) => (at === place ? [x, y].map((value) => Math.round(100 * value) / 100) : point)) }),
  });
}

export function drawNetwork(api) {
  const [left, right] = makePair(api.root);
  const map = element("div", "border-map");
  left.append(map);
  const pixels = makePixels(map, "Where the network answers which class");
  const plot = makePlot(map, { x: [-3, 3], y: [-3, 3], label: "Training points and new points", ratio: 1, tallest: 2000, lowest: 100, margin: { top: 0, right: 0, bottom: 0, left: 0 } });
  const fresh = plot.inside.append("g");
  const known = plot.inside.append("g");
  const curves = makePlot(right, { x: [0, 400], y: [0, 1.4], label: "The loss on training points and on new points", xLabel: "steps", yLabel: "loss", ratio: 0.6, tallest: 250, lowest: 200, margin: { left: 38 } });
  const shares = makePlot(right, { x: [0, 400], y: [0.4, 1.02], label: "The share of new points that are right, and how sure the network is of its wrong answers", xLabel: "steps", yLabel: "on new points", ratio: 0.45, tallest: 190, lowest: 160, ticks: [5, 4], margin: { left: 38 } });
  const parts = ["", "other"].map((kind) => shares.inside.append("path").attr("class", `curve ${kind}`));
  const partNames = ["", ""].map(() => shares.above.append("text").attr("class", "told small"));
  const partLine = shares.inside.append("line").attr("class", "stop-line");
  const lines = ["known", "unknown"].map((kind) => curves.inside.append("path").attr("class", `curve ${kind}`));
  const names = ["training", "new"].map((word, place) => curves.above.append("text").attr("class", "told small").style("fill", `var(--${["first", "second"][place]})`).text(word));
  const lowest = curves.above.append("circle").attr("class", "error-dot unknown").attr("r", 5);
  const lowestName = curves.above.append("text").attr("class", "told small");
  const stopLine = curves.inside.append("line").attr("class", "stop-line");
  let surfaces = [];
  let chosen = null;
  let last = null;
  const handle = makeHandle(curves, {
    kind: "cut", label: "stop here", axis: "x", step: 10,
    move: ({ x }) => { chosen = Math.min(surfaces.length - 1, Math.max(0, Math.round(x / last.stride))); api.pause(); show(); },
    text: ({ x }) => `step ${x}`,
  });

  function show() {
    const at = chosen ?? surfaces.length - 1;
    const colours = readColours();
    pixels.paint(surfaces[at], (share) => mix(colours.card, share > 0.5 ? colours.first : colours.second, Math.round(20 * Math.abs(share - 0.5) * 1.1) / 20));
    const step = at * last.stride;
    for (const [mark, { x, y }] of [[stopLine, curves], [partLine, shares]]) mark.attr("x1", x(step)).attr("x2", x(step)).attr("y1", y.range()[0]).attr("y2", y.range()[1]);
    handle.show(step, curves.y.invert(curves.y.range()[1] + LIFT));
    const [loss, right] = last.training[at];
    const [newLoss, newRight] = last.test[at];
    const sure = last.sure[at];
    api.say(`Step ${step}: the loss is ${loss.toFixed(3)} on training points (${wholePercent(right)} right) and ${newLoss.toFixed(3)} on new points (${wholePercent(newRight)} right). ${sure === null ? "" : `It is ${wholePercent(sure)} sure of its wrong answers.`}`);
  }

  function update(frame) {
    if (!last || frame.step <= last.step) { if (frame !== last) { surfaces = surfaces.slice(0, frame.step / frame.stride); chosen = null; } }
    last = frame;
    surfaces[frame.step / frame.stride] = frame.surface;
    plot.fit();
    const colours = readColours();
    const colourOf = ([, , kind]) => (kind ? colours.first : colours.second);
    fresh.selectAll("path").data(frame.new).join("path").attr("class", "new-point").attr("stroke", colourOf).attr("d", ([x, y]) => `M${plot.x(x) - 3},${plot.y(y)}h6M${plot.x(x)},${plot.y(y) - 3}v6`);
    known.selectAll("circle").data(frame.points).join("circle").attr("class", "known-point").attr("r", frame.points.length > 60 ? 4 : 6.5).attr("fill", colourOf).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
    const top = 1.15 * Math.max(1.3, ...frame.test.map(([loss]) => loss));
    curves.fit({ x: [0, frame.steps], y: [0, top] });
    const higher = frame.test.at(-1)[0] > frame.training.at(-1)[0] ? 1 : 0;
    const ends = [frame.training, frame.test].map((found) => curves.y(found.at(-1)[0]));
    // The lower name stands below its curve, where it does not meet the numbers of the axis; else between the curves, or above both.
    const room = ends[1 - higher] + 20 < curves.y(0) ? 20 : -9;
    const low = room < 0 && ends[1 - higher] - ends[higher] < 26 ? ends[higher] - 9 : ends[1 - higher] + room;
    const high = Math.min(ends[higher] - 9, low - 16);
    [frame.training, frame.test].forEach((found, place) => {
      lines[place].attr("d", tracePath(curves, found.map(([loss], at) => [at * frame.stride, loss])));
      // At the end of the training, the round handle stands at the right.
      placeLabel(names[place], curves, curves.x(frame.step), place === higher ? high : low, frame.step ? ["training", "new"][place] : "", frame.step > 300 ? 18 : 8);
    });
    const losses = frame.test.map(([loss]) => loss);
    const best = losses.indexOf(Math.min(...losses));
    lowest.attr("cx", curves.x(best * frame.stride)).attr("cy", curves.y(losses[best]));
    lowestName.attr("text-anchor", "middle").attr("x", Math.max(curves.x(best * frame.stride) + 12, curves.margin.left + 48)).attr("y", curves.y(losses[best]) - 34).text(frame.step ? `lowest: ${losses[best].toFixed(2)}` : "");
    shares.fit({ x: [0, frame.steps] });
    const told = [frame.test.map(([, right]) => right), frame.sure];
    const above = told[1].at(-1) > told[0].at(-1);
    told.forEach((found, place) => {
      parts[place].attr("d", tracePath(shares, found.map((share, at) => [at * frame.stride, share])));
      placeLabel(partNames[place], shares, shares.x(frame.step), shares.y(found.at(-1) ?? 1) + ((place === 1) === above ? -8 : 18), frame.step ? ["right", "sure of wrong answers"][place] : "", frame.step > 300 ? 4 : 8);
    });
    show();
  }

  return { update };
}

export const drawings = { polynomial: drawPolynomial, network: drawNetwork };
