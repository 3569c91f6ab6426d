// Draws old and new parts in training, positions that are added or turn pairs, scores that grow, and two networks that learn a product.
import { select } from "/static/vendor/d3.js";

import { makeBlock } from "/static/views/block.js";
import { element, format, makePair, percent } from "/static/views/elements.js";
import { makePixels, signedColour } from "/static/views/pixels.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

// Left: the block with its parts, old or new. Right: two losses, with the old parts and with the chosen new ones.
function drawRace(api) {
  const block = makeBlock(api.root, { label: "The parts of the block", stream: "var(--soft)" });
  const plot = makePlot(block.right, { x: [0, 240], y: [1.8, 5], label: "The losses of both models", xLabel: "step", yLabel: "loss", ratio: 0.72, lowest: 240, tallest: 310 });
  const curves = ["--first", "--second"].map((colour) => plot.inside.append("path").attr("fill", "none").attr("stroke-width", 2.4).style("stroke", `var(${colour})`));
  const names = plot.above.append("g");
  api.say("The first step takes a moment.");

  function update(frame) {
    drawBlock();
    plot.fit({ x: [0, frame.steps] });
    const traces = [1, 2].map((which) => smooth(frame.losses, which));
    curves.forEach((curve, i) => curve.attr("d", tracePath(plot, traces[i])));
    const right = plot.x(frame.steps) - 4;
    const top = plot.y(plot.y.domain()[1]) + 16;
    names.selectAll("text").data(["old parts", frame.new.length ? "with new parts" : "the same parts"]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", right).attr("y", (_, i) => top + 18 * i)
      .style("fill", (_, i) => `var(${["--first", "--second"][i]})`).style("font-weight", 650).text((name) => name);
  }

  function drawBlock() {
    const { norm, positions, gate, query_key } = api.values;
    const paint = (isNew) => `var(${isNew ? "--second" : "--first"})`;
    const norms = { name: "norm", kind: norm ? "RMSNorm" : "LayerNorm", colour: paint(norm) };
    const attention = { name: "attention", kind: `${positions ? "rotary" : "added"}${query_key ? ", q/k norm" : " positions"}`, colour: paint(positions || query_key) };
    block.draw([norms, attention, { name: "+" }, norms, { name: "feed-forward", kind: gate ? "gate" : "ReLU", colour: paint(gate) }, { name: "+" }]);
  }

  return { update };
}

// Batches are small: each point is the mean of the last ten frames.
const smooth = (losses, which) => losses.map(([step], i) => [step, mean(losses.slice(Math.max(0, i - 9), i + 1).map((row) => row[which]))]);
const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

// Left: a circle for each pair of channels, with a hand for the key and one for the query. A position that is added is a second piece of
// the hand. Right: the score of the two by their distance.
function drawTurning(api) {
  const [left, right] = makePair(api.root);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The pairs of a key and a query, turned by their positions");
  const layers = Object.fromEntries(["rings", "sectors", "hands", "tips", "words"].map((name) => [name, svg.append("g")]));
  const plot = makePlot(right, { x: [0, 24], y: [-10, 15], label: "The score by the distance of the two tokens", xLabel: "distance (query − key)", yLabel: "score", ratio: 0.72, lowest: 250, tallest: 310, ticks: [6, 5] });
  const zero = plot.inside.append("line").attr("class", "limit");
  const curve = plot.inside.append("path").attr("class", "curve");
  const handle = makeHandle(plot, {
    label: "how much later the query stands", axis: "x", step: 1, kind: "other", bounds: { x: [0, 24] },
    move: ({ x }) => api.set({ apart: Math.round(x) }), text: ({ x }) => `${x} later`,
  });

  function update(frame) {
    const wide = Math.max(260, left.clientWidth);
    const cell = wide / 2;
    const radius = Math.min(54, cell / 2 - 20);
    const high = 2 * radius + 52;
    svg.attr("viewBox", `0 0 ${wide} ${2 * high}`).attr("height", 2 * high);
    const middle = (i) => [(i % 2) * cell + cell / 2, Math.floor(i / 2) * high + radius + 22];
    const isAdded = frame.way === "added";
    const unit = isAdded ? radius / 2 : radius; // two pieces reach twice as far
    const tip = (i, [x, y]) => [middle(i)[0] + unit * x, middle(i)[1] - unit * y];
    const pairs = frame.key.map((key, i) => ({ i, key: tip(i, key), query: tip(i, frame.query[i]), left: frame.query[i][0] * key[1] - frame.query[i][1] * key[0] > 0 }));
    layers.rings.selectAll("circle").data(pairs).join("circle").attr("cx", ({ i }) => middle(i)[0]).attr("cy", ({ i }) => middle(i)[1]).attr("r", unit).style("fill", "var(--page)").style("stroke", "var(--line)").attr("stroke-width", 1.4);
    // The angle between the two hands, the short way round.
    layers.sectors.selectAll("path").data(isAdded ? [] : pairs).join("path").attr("d", ({ i, key, query, left: back }) => `M${middle(i)} L${query} A${radius},${radius} 0 0 ${back ? 0 : 1} ${key} Z`).style("fill", "var(--third)").attr("opacity", 0.2);
    // The key's hand is the thicker one, so that both are seen where they point the same way.
    const hands = pairs.flatMap(({ i, key, query }) => [{ i, which: 0, to: key, colour: "--second" }, { i, which: 1, to: query, colour: "--first" }]);
    const pieces = hands.flatMap(({ i, which, to, colour }) => {
      const joint = isAdded ? tip(i, frame.bare[which][i]) : to;
      return [{ which, colour, from: middle(i), to: joint }, ...(isAdded ? [{ which, colour, from: joint, to }] : [])];
    });
    layers.hands.selectAll("line").data(pieces).join("line").attr("x1", ({ from }) => from[0]).attr("y1", ({ from }) => from[1]).attr("x2", ({ to }) => to[0]).attr("y2", ({ to }) => to[1]).attr("stroke-width", ({ which }) => (which ? 2.4 : 5.5)).attr("stroke-linecap", "round").style("stroke", ({ colour }) => `var(${colour})`);
    layers.tips.selectAll("circle").data(hands).join("circle").attr("cx", ({ to }) => to[0]).attr("cy", ({ to }) => to[1]).attr("r", ({ which }) => (which ? 4 : 6.5)).style("fill", ({ colour }) => `var(${colour})`);
    const words = pairs.flatMap(({ i }) => [
      { x: middle(i)[0], y: middle(i)[1] - radius - 9, text: `pair ${i + 1}: ${Math.round(frame.degrees[i])}° per position`, kind: "told small" },
      { x: middle(i)[0], y: middle(i)[1] + radius + 16, number: `m${i + 1}`, text: format(Math.round(100 * frame.products[i]) / 100, 2), kind: "told" },
    ]);
    layers.words.selectAll("text").data(words).join("text").attr("data-number", ({ number }) => number ?? null).attr("class", ({ kind }) => kind).attr("text-anchor", "middle").attr("x", ({ x }) => x).attr("y", (d) => d.y).text(({ text }) => text);
    plot.fit({ y: isAdded ? [-10, 15] : [-4, 4.4] });
    zero.attr("x1", plot.x(0)).attr("x2", plot.x(24)).attr("y1", plot.y(0)).attr("y2", plot.y(0));
    curve.attr("d", tracePath(plot, frame.curve));
    handle.show(...frame.curve[api.values.apart]);
  }

  return { update, pace: 5 };
}

// Six weights of a query, without and with a norm of queries and keys.
function drawScores(api) {
  const sides = makePair(api.root).map((root) => {
    const svg = select(root).append("svg").attr("class", "plot").attr("role", "group");
    return { root, svg, bars: svg.append("g"), words: svg.append("g") };
  });

  function update(frame) { sides.forEach((side, which) => drawSide(side, frame, which)); }

  function drawSide({ root, svg, bars, words }, frame, which) {
    const [scores, weights, name] = [frame.scores[which], frame.weights[which], frame.names[which]];
    const width = Math.max(240, root.clientWidth);
    const [high, base, tall] = [236, 178, 130];
    const column = (width - 8) / weights.length;
    const x = (i) => 4 + column * (i + 0.5);
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high).attr("aria-label", `Weights ${name}`);
    bars.selectAll("rect").data(weights).join("rect").attr("x", (_, i) => x(i) - column * 0.36).attr("width", column * 0.72).attr("rx", 3).attr("y", (weight) => base - tall * weight).attr("height", (weight) => 1 + tall * weight).style("fill", which ? "var(--first)" : "var(--second)");
    const told = [
      { text: name, x: 4, y: 16, anchor: "start", strong: true },
      { text: `size of the query ${format(frame.sizes[which], 2)}`, x: width - 4, y: 16, anchor: "end" },
      ...weights.map((weight, i) => ({ text: percent(weight), number: `${"ab"[which]}w${i + 1}`, x: x(i), y: base - tall * weight - 6, anchor: "middle" })),
      ...scores.map((score, i) => ({ text: format(Math.round(100 * score) / 100, 3), number: `${"ab"[which]}s${i + 1}`, x: x(i), y: base + 18, anchor: "middle" })),
      { text: `scores of six keys`, x: 4, y: base + 36, anchor: "start" },
      { text: `slope of the largest weight ${format(frame.slopes[which], 2)}`, x: 4, y: base + 53, anchor: "start" },
    ];
    words.selectAll("text").data(told).join("text").attr("class", "told small").attr("data-number", ({ number }) => number ?? null).attr("x", (one) => one.x).attr("y", (one) => one.y).attr("text-anchor", ({ anchor }) => anchor).style("font-weight", ({ strong }) => (strong ? 650 : 400)).text(({ text }) => text);
  }

  return { update };
}

// Three maps of the same square: what is wanted, what the network with ReLU says, what the one with a gate says. Right: both errors.
function drawProduct(api) {
  const row = element("div", "product-maps");
  api.root.append(row);
  const maps = ["wanted: x · y", "ReLU", "gate"].map((name) => {
    const figure = element("div");
    row.append(figure);
    const made = makePixels(figure, `map: ${name}`);
    figure.append(element("p", "", name));
    return made;
  });
  const plot = makePlot(api.root, { x: [0, 400], y: [1e-5, 10], yLog: true, label: "Both errors", xLabel: "step", yLabel: "mean squared error", ratio: 0.3, lowest: 190, tallest: 210, ticks: [4, 4], margin: { left: 56 } });
  const curves = ["--second", "--first"].map((colour) => plot.inside.append("path").attr("fill", "none").attr("stroke-width", 2.4).style("stroke", `var(${colour})`));
  const names = plot.above.append("g");

  function update(frame) {
    plot.fit({ x: [0, frame.steps] });
    const colour = signedColour(4);
    maps.forEach(({ paint }, i) => paint(frame.maps[i], colour));
    const low = plot.y.domain()[0];
    curves.forEach((curve, i) => curve.attr("d", tracePath(plot, frame.errors.map((errors) => [errors[0], Math.max(low, errors[i + 1])]))));
    // Both curves begin above: the lower left corner is free.
    names.selectAll("text").data(["ReLU", "gate"]).join("text").attr("class", "told small").attr("x", plot.x(0) + 8).attr("y", (_, i) => plot.y(low) - 26 + 18 * i)
      .style("fill", (_, i) => `var(${["--second", "--first"][i]})`).style("font-weight", 650).text((name) => name);
  }

  return { update };
}

export const drawings = { race: drawRace, turning: drawTurning, scores: drawScores, product: drawProduct };
