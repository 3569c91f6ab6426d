// Draws the training loop with a line taken out, a network that learns digits, three balls on one landscape, and a schedule.
import { contours, line, scaleLinear } from "/static/vendor/d3.js";

import { mix, readColours, signed } from "/static/views/colours.js";
import { element, format, hang, makeLine } from "/static/views/elements.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const LINES = 5;
const TALLEST = 2;

// The code at the left, the tensors of the step beside it, the loss below.
function drawLoop(api) {
  const top = element("div", "pair loop-parts");
  const code = element("pre", "code running");
  const held = element("div", "held-tensors");
  code.tabIndex = 0;
  top.append(code, held);
  const below = element("div");
  api.root.append(top, below);
  const plot = makePlot(below, { x: [0, 60], y: [0, TALLEST], label: "The loss of every step", xLabel: "step", yLabel: "loss", ratio: 0.3, tallest: 190, lowest: 170, margin: { top: 22 } });
  const whole = plot.inside.append("path").attr("class", "curve pale");
  const curve = plot.inside.append("path").attr("class", "curve other");
  const dot = plot.inside.append("circle").attr("class", "ball").attr("r", 6);
  const told = plot.above.append("text").attr("class", "told");
  const parts = [["prediction", "(8,\u00a02)"], ["loss", "()"], ["gradient", "(8,\u00a02)"], ["weights", "(8,\u00a02)"]].map(([name, shape]) => {
    const box = element("div", "held");
    const title = element("p", "shape", `${name} ${shape}`);
    const canvas = document.createElement("canvas");
    canvas.className = "tensor";
    const number = element("p", "figure");
    box.append(title, canvas, number);
    held.append(box);
    return { name, canvas, number };
  });

  let lines = "";

  function paint(canvas, rows, most, colours) {
    if (canvas.width !== rows[0].length || canvas.height !== rows.length) {
      Object.assign(canvas, { width: rows[0].length, height: rows.length });
      canvas.style.aspectRatio = `${rows[0].length} / ${rows.length}`;
    }
    const context = canvas.getContext("2d");
    rows.forEach((row, r) => row.forEach((value, c) => {
      context.fillStyle = signed(value, most, colours);
      context.fillRect(c, r, 1, 1);
    }));
  }

  // The five lines; those that run now are lit. Nothing is written where it would be the same.
  function showCode(frame, at, isSlow, stopped) {
    const told = JSON.stringify([frame.code, frame.missing, frame.shuffled, at, isSlow, stopped && frame.error]);
    if (told === lines) return;
    lines = told;
    code.replaceChildren(
      hang(element("span", frame.shuffled ? "" : "gone", "for batch in shuffled examples:\n")),
      ...frame.code.map((text, number) => {
        const runs = !stopped && (isSlow ? at === number : true);
        return hang(element("span", number === frame.missing ? "gone" : runs ? "now" : "", `  ${text}\n`));
      }),
      ...(stopped ? [element("span", "failure", `${frame.error}\n`)] : []),
    );
  }

  function update(frame, { tick, rate }) {
    const colours = readColours();
    const steps = frame.losses.length;
    const isSlow = tick < 2 * LINES;
    const at = isSlow ? tick % LINES : -1;
    const step = isSlow ? Math.floor(tick / LINES) : tick - 2 * LINES + 1;
    const stopped = frame.error && tick >= frame.missing;
    showCode(frame, at, isSlow, stopped);
    // A tensor of a step; undefined where there is none.
    const find = (name, place = step) => frame.records[name]?.[Math.min(place, Math.max(0, steps - 1))];
    const loss = frame.losses[Math.min(step, steps - 1)];
    const past = (number) => !frame.error && (!isSlow || at >= number);
    const shown = {
      prediction: past(1) ? find("prediction") : null,
      loss: past(2) && loss ? [[loss]] : null,
      gradient: (past(3) && find("gradients")) || find(past(0) ? "cleared" : "before"),
      weights: (past(4) && find("weights")) || (step > 0 ? find("weights", step - 1) : null),
    };
    const size = { prediction: 2, loss: 1.2, gradient: 0.2, weights: 1.2 };
    for (const { name, canvas, number } of parts) {
      const rows = shown[name];
      canvas.style.visibility = rows && name !== "loss" ? "visible" : "hidden";
      if (rows) paint(canvas, rows, size[name], colours);
      const flat = rows ? rows.flat() : [];
      const words = !rows ? "–" : name === "loss" ? format(rows[0][0], 3) : flat.every((value) => value === 0) ? "all 0" : `up to ${format(Math.max(...flat.map(Math.abs)), 2)}`;
      if (number.textContent !== words) number.textContent = words;
    }
    const count = frame.error ? 0 : Math.min(steps, isSlow ? Math.floor((tick + 2) / LINES) : step + 1);
    // Without `zero_grad` the losses jump far above those of the complete loop.
    const top = Math.max(TALLEST, ...frame.losses.slice(0, count));
    plot.fit({ y: [0, top] });
    const keep = (loss) => Math.min(top, loss);
    whole.attr("d", tracePath(plot, frame.whole.map((loss, place) => [place + 1, keep(loss)])));
    curve.attr("d", tracePath(plot, frame.losses.slice(0, count).map((loss, place) => [place + 1, keep(loss)])));
    const last = frame.losses[count - 1];
    dot.style("display", count ? null : "none").attr("cx", plot.x(count)).attr("cy", plot.y(keep(last ?? 0)));
    placeLabel(told, plot, plot.x(Math.max(1, count)), plot.y(keep(last ?? 0)) - 10, count ? format(last, 3) : "", 8);
    const epoch = Math.ceil(count / frame.per_epoch);
    if (frame.error) api.say(stopped ? frame.says : "One line is gone. What will happen?");
    else if (isSlow) api.say(`Step ${step + 1}, line ${at + 1}: ${SAID[at](frame, loss, rate, step)}`);
    else if (count < steps) api.say(`Step ${count} of ${steps}, epoch ${epoch}: loss ${format(last, 3)}.`);
    else api.say(frame.says);
  }

  return { update, local: ["tick"], pace: 5 };
}

const SAID = [
  (frame, _loss, _rate, step) => (frame.missing === 0 ? "it is gone, so the stored gradients stay." : step ? "the gradients of the last step are cleared." : "all gradients are still 0."),
  (frame) => `the network computes two scores for each of the 8 examples${frame.shuffled ? "" : ", all of them of one class"}.`,
  (frame, loss) => `the scores become one number, the loss ${format(loss, 3)}.`,
  (frame) => (frame.missing === 3 ? "it is gone, so no gradient is computed." : frame.missing === 0 ? "the new gradients are added to the stored ones." : "the gradients of all weights are computed; no weight moves."),
  (frame, _, rate) => (frame.missing === 4 ? "it is gone, so no weight moves." : frame.missing === 3 ? "there are no gradients, so no weight moves." : `every weight moves by ${format(rate, 2)} times its gradient.`),
];

// The loss of every batch, and the accuracy after every epoch.
function drawDigits(api) {
  const pair = element("div", "pair");
  const [left, right] = [element("div"), element("div")];
  pair.append(left, right);
  api.root.append(pair);
  const losses = makePlot(left, { x: [0, 3], y: [0, 3], label: "The loss of every batch", xLabel: "epochs", yLabel: "loss of a batch", ratio: 0.7, tallest: 280, ticks: [4, 4], margin: { top: 24 } });
  const shares = makePlot(right, { x: [0, 3], y: [0, 1], label: "The accuracy after every epoch", xLabel: "epochs", yLabel: "accuracy", ratio: 0.7, tallest: 280, ticks: [4, 5], margin: { top: 24 } });
  const curve = losses.inside.append("path").attr("class", "curve other thin");
  const blind = losses.inside.append("line").attr("class", "limit");
  const trained = shares.inside.append("path").attr("class", "curve pale");
  const fresh = shares.inside.append("path").attr("class", "curve");
  const dots = shares.inside.append("g");
  const told = shares.above.append("text").attr("class", "told");
  const other = shares.above.append("text").attr("class", "told small");

  api.say("Loading the digits …");

  function update(frame) {
    losses.fit({ x: [0, frame.epochs] });
    shares.fit({ x: [0, frame.epochs] });
    curve.attr("d", tracePath(losses, frame.losses.map(([epoch, loss]) => [epoch, Math.min(3, loss)])));
    blind.attr("x1", losses.x(0)).attr("x2", losses.x(frame.epochs)).attr("y1", losses.y(2.3026)).attr("y2", losses.y(2.3026));
    trained.attr("d", tracePath(shares, frame.accuracy.map(([epoch, , share]) => [epoch, share])));
    fresh.attr("d", tracePath(shares, frame.accuracy.map(([epoch, share]) => [epoch, share])));
    dots.selectAll("circle").data(frame.accuracy).join("circle").attr("class", "pin").attr("r", 5).style("fill", "var(--first)")
      .attr("cx", ([epoch]) => shares.x(epoch)).attr("cy", ([, share]) => shares.y(share));
    // In the corner where no curve ends.
    placeLabel(told, shares, shares.x(frame.epochs), shares.y(0) - 8, frame.names[0], 8);
    placeLabel(other, shares, shares.x(frame.epochs), shares.y(0) - 26, frame.names[1], 8);
  }

  return { update };
}

const RULES = [["plain", "plain descent"], ["momentum", "momentum"], ["adam", "Adam"]];

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
    const tones = { plain: colours.second, momentum: colours.third, adam: colours.good };
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
    ways.selectAll("path").data(RULES, ([name]) => name).join("path").attr("class", "way").style("stroke", ([name]) => tones[name])
      .attr("d", ([name]) => tracePath(plot, frame.paths[name].slice(0, count + 1).map(([x, y]) => [Math.max(-30, Math.min(30, x)), Math.max(-30, Math.min(30, y))])));
    const places = RULES.map(([name, word]) => ({ name, word, at: frame.paths[name][count] }));
    balls.selectAll("circle").data(places, ({ name }) => name).join("circle").attr("class", "pin").attr("r", 8).style("fill", ({ name }) => tones[name])
      .style("display", ({ at }) => (inside(at) ? null : "none")).attr("cx", ({ at }) => plot.x(at[0])).attr("cy", ({ at }) => plot.y(at[1]));
    names.selectAll("text").data(places, ({ name }) => name).join("text").attr("class", "told").attr("text-anchor", "end")
      .attr("x", plot.x(10) - 8).attr("y", (_, place) => plot.y(5) + 18 + 18 * place).style("fill", ({ name }) => tones[name])
      .text(({ word, at }) => `● ${word} ${format(at[2], 3)}`);
    handle.show(Math.max(-10, Math.min(10, start[0][0])), Math.max(-5, Math.min(5, start[0][1])));
    ["x", "y"].forEach((along, side) => showSteps[side](RULES.map(([name]) => [format(frame.moves[name][count][side], 3), `${name}_${along}${count}`])));
    const heights = places.map(({ word, at }) => `${word} ${format(at[2], 3)}`);
    api.say(`Heights after ${count} step${count === 1 ? "" : "s"}: ${heights.join(", ")}.`);
  }

  return { update, local: ["steps"], traced: ["steps"], pace: 12 };
}

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
      names[place].attr("x", losses.x(frame.steps) - 4).attr("y", 12 + 16 * place).text(`${["without", "with"][place]}: ${(100 * frame.right[place]).toFixed(1)}\u00a0% of new digits right`);
    });
    flat.attr("d", tracePath(rates, [[0, frame.rate], [frame.steps, frame.rate]]));
    rate.attr("d", tracePath(rates, frame.rates.map((value, step) => [step, value])));
    length.attr("d", tracePath(lengths, frame.lengths.map((value, step) => [step + 1, Math.min(500, Math.max(0.05, value))])));
    limit.style("display", frame.clip ? null : "none").attr("x1", lengths.x(0)).attr("x2", lengths.x(frame.steps)).attr("y1", lengths.y(frame.longest)).attr("y2", lengths.y(frame.longest));
  }

  return { update };
}

export const drawings = { helped: drawHelped, loop: drawLoop, digits: drawDigits, race: drawRace, schedule: drawSchedule };
