// Draws the training loop with a line taken out, examples in batches, and a network that learns digits.
import { readColours, signed } from "/static/views/colours.js";
import { element, format, hang } from "/static/views/elements.js";
import { makePlot, placeLabel, tracePath } from "/static/views/plot.js";

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

// Examples in three parts: those that train stand in the order of the epoch, batch by batch.
function drawEpochs(api) {
  const rows = element("div", "epoch-rows");
  const [training, validation, test] = [["training", "batches"], ["validation", ""], ["test", ""]].map(([word, kind]) => {
    const row = element("div", "epoch-row");
    const place = element("div", `epoch-cells ${kind}`);
    row.append(element("p", "epoch-name", word), place);
    rows.append(row);
    return place;
  });
  api.root.append(rows);
  let shown = "";

  const makeCells = (numbers, kind) => numbers.map((number) => element("span", `example ${kind}`, String(number + 1)));

  function update(frame, { epoch }) {
    const batches = frame.epochs[epoch - 1];
    const told = JSON.stringify([batches, frame.validation]);
    if (told !== shown) {
      shown = told;
      training.replaceChildren(...batches.map((numbers, place) => {
        const box = element("div", "epoch-batch");
        box.append(element("span", "epoch-step", `step ${(epoch - 1) * batches.length + place + 1}`), ...makeCells(numbers, ""));
        return box;
      }));
      validation.replaceChildren(...makeCells(frame.validation, "validates"));
      test.replaceChildren(...makeCells(frame.test, "tests"));
    }
    const [count, last] = [batches.length, batches.at(-1).length];
    const rest = last === batches[0].length ? "" : `; the last one has only ${last}`;
    api.say(`Epoch ${epoch}: 28 training examples make ${count === 1 ? "1 batch, so 1 step" : `${count} batches, so ${count} steps`}${rest}. Steps so far: ${epoch * count}.`);
  }

  return { update, local: ["epoch"], pace: 1 };
}

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
    const low = frame.accuracy.at(-1)[1] < 0.4 ? shares.y(1) + 40 : shares.y(0);
    placeLabel(told, shares, shares.x(frame.epochs), low - 8, frame.names[0], 8);
    placeLabel(other, shares, shares.x(frame.epochs), low - 26, frame.names[1], 8);
  }

  return { update };
}

export const drawings = { loop: drawLoop, epochs: drawEpochs, digits: drawDigits };
