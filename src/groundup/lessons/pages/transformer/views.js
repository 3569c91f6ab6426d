// Draws a whole GPT stage by stage, words in both orders, a vector on its way through a block, two trainings, and one score of attention to its last product.
import { select } from "/static/vendor/d3.js";

import { makeBlock } from "/static/views/block.js";
import { readColours, signed } from "/static/views/colours.js";
import { element, format, makePair, percent } from "/static/views/elements.js";
import { makeGPT } from "/static/views/gpt.js";
import { makePlot, tracePath } from "/static/views/plot.js";
import { showToken, whenReady } from "/static/views/waiting.js";

const LAST = 7;

// What the text has not reached yet is faint, what it has passed is paler than where it is.
function drawPath(api) {
  const show = makeGPT(api, {
    below: 30,
    append: (text) => { api.pause(); api.set({ text: api.values.text + text, stage: LAST, token: 0 }); },
    opacity: (stage) => (api.values.stage === LAST || stage === api.values.stage ? 1 : stage < api.values.stage ? 0.6 : 0.06),
    note: (frame, { blocks, floor, step, strip, x }) => (step < 150 ? [] : frame.weights.flatMap((_, i) => [
      { x: x(i) + strip + (step - strip) * 0.22, y: floor + 18, text: "attention", anchor: "middle", stage: i ? 5 : 3 },
      { x: x(i) + strip + (step - strip) * 0.8, y: floor + 18, text: i === blocks - 1 || step > 165 ? "feed-forward" : "", anchor: "middle", stage: i ? 5 : 4 },
    ])),
  });

  function update(frame) {
    show(frame);
    api.say(frame.told[api.values.stage - 1]);
  }

  return { update, local: ["stage"], pace: 0.4, isDone: ({ stage }) => stage !== 1 };
}

// A row per token: its vector, the pattern of its position, and how much of it the full stop takes. Below: what it gets.
function drawOrder(api) {
  const sides = makePair(api.root).map((root) => {
    const svg = select(root).append("svg").attr("class", "plot").attr("role", "img");
    return { root, svg, ...Object.fromEntries(["cells", "bars", "words"].map((name) => [name, svg.append("g")])) };
  });
  const verdict = element("p");
  verdict.style.cssText = "margin:.3rem 0 0;text-align:center;font-weight:650";
  api.root.append(verdict);

  function update(frame) {
    const colours = readColours();
    const most = Math.max(...frame.orders.flatMap(({ vectors, new: taken }) => [...vectors.flat(), ...taken]).map(Math.abs));
    sides.forEach((side, which) => drawSide(side, frame.orders[which], "ab"[which], most, colours));
    verdict.textContent = frame.distance ? "Different vectors: the order makes a difference." : "The same vector: the order is lost.";
    verdict.style.color = `var(--${frame.distance ? "good" : "bad"})`;
  }

  function drawSide({ root, svg, cells, bars, words }, { tokens, vectors, patterns, weights, new: taken }, sign, most, colours) {
    const width = Math.max(240, root.clientWidth);
    const [row, top, left] = [30, 24, 58];
    const strips = patterns ? 2 : 1;
    const strip = Math.min(112, (width - left - 116) / strips - 18);
    const cell = strip / vectors[0].length;
    const barLeft = left + strips * (strip + 18) + 8;
    const base = top + tokens.length * row;
    const high = base + 46;
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high).attr("aria-label", `${tokens.join(" ")}: what the full stop takes`);
    const y = (i) => top + i * row;
    const make = (numbers, x, at) => numbers.map((value, c) => ({ value, x: x + c * cell, y: at }));
    const drawn = tokens.flatMap((_, i) => [...make(vectors[i], left, y(i)), ...(patterns ? make(patterns[i], left + strip + 18, y(i)) : [])]);
    cells.selectAll("rect").data([...drawn, ...make(taken, left, base + 16)]).join("rect").attr("x", (one) => one.x).attr("y", (one) => one.y).attr("width", Math.max(1, cell - 1)).attr("height", 20).attr("rx", 2).style("fill", ({ value }) => signed(value, most, colours)).style("stroke", "var(--line)").style("stroke-width", 0.5);
    const full = width - barLeft - 46;
    bars.selectAll("rect").data(weights).join("rect").attr("x", barLeft).attr("y", (_, i) => y(i) + 3).attr("height", 14).attr("rx", 3).attr("width", (weight) => Math.max(1, full * weight)).style("fill", "var(--second)");
    const told = [
      ...tokens.map((text, i) => ({ text, x: left - 8, y: y(i) + 15, anchor: "end", strong: true })),
      ...(patterns ? tokens.map((_, i) => ({ text: "+", x: left + strip + 9, y: y(i) + 15, anchor: "middle" })) : []),
      ...weights.map((weight, i) => ({ text: percent(weight), x: barLeft + Math.max(1, full * weight) + 5, y: y(i) + 15, number: `${sign}w${i + 1}` })),
      { text: "vector", x: left, y: 14 }, ...(patterns ? [{ text: "position", x: left + strip + 18, y: 14 }] : []), { text: "weight", x: barLeft, y: 14 },
      { text: "new “.”", x: left - 8, y: base + 31, anchor: "end", strong: true },
    ];
    words.selectAll("text").data(told).join("text").attr("class", "told small").attr("data-number", ({ number }) => number ?? null).attr("x", (one) => one.x).attr("y", (one) => one.y).attr("text-anchor", ({ anchor }) => anchor ?? "start")
      .style("font-weight", ({ strong }) => (strong ? 650 : 400)).text(({ text }) => text);
  }

  return { update };
}

// Left: the boxes of a block, from top to bottom, beside the stream. Right: what the chosen box reads and returns.
function drawFollow(api) {
  const block = makeBlock(api.root, { label: "The boxes of a block", choose: (place) => { api.pause(); api.set({ box: place + 1 }); } });
  const { right } = block;
  const detail = select(right).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "What the box reads and returns");
  const layers = Object.fromEntries(["cells", "heads", "words"].map((name) => [name, detail.append("g")]));

  function update(frame) {
    block.draw(frame.boxes.map((name, i) => ({ name, chosen: i === frame.box })));
    const colours = readColours();
    const room = Math.max(150, right.clientWidth);
    const gap = 58;
    const places = [];
    let top = 22;
    frame.strips.forEach((strip, i) => {
      // Between what attention reads and returns: how much each head takes from each token.
      if (frame.weights && i === frame.strips.length - 1) top += 22 + 17 * frame.weights.length;
      places.push(top);
      top += gap;
    });
    const high = Math.max(top, block.isNarrow() ? 230 : block.high);
    detail.attr("viewBox", `0 0 ${room} ${high}`).attr("height", high);
    const cells = frame.strips.flatMap(({ numbers }, i) => {
      const most = Math.max(...numbers.map(Math.abs), 1e-9);
      const step = room / numbers.length;
      return numbers.map((value, c) => ({ value, most, x: c * step, width: step, y: places[i] }));
    });
    layers.cells.selectAll("rect").data(cells).join("rect").attr("x", ({ x }) => x).attr("y", (cell) => cell.y).attr("width", ({ width: one }) => Math.max(1, one - 0.5)).attr("height", 22).style("fill", ({ value, most }) => signed(value, most, colours));
    const signs = frame.boxes[frame.box] === "+" ? ["", "+ ", "= "] : [];
    const words = frame.strips.map(({ name, count, size }, i) => ({ text: `${signs[i] ?? ""}${name}: ${count} numbers of size ${format(size, 2)}`, x: 0, y: places[i] - 7, anchor: "start" }));
    const looks = frame.weights ?? [];
    const last = places.at(-1) - 17 * looks.length - 22;
    const column = (room - 62) / Math.max(1, frame.token + 1);
    looks.forEach((_, head) => words.push({ text: `head ${frame.block + 1}.${head + 1}`, x: 0, y: last + 12 + 17 * head, anchor: "start" }));
    if (looks.length) frame.tokens.slice(0, frame.token + 1).forEach((token, i) => words.push({ text: showToken(token).slice(0, Math.max(1, Math.floor(column / 8))), x: 62 + column * (i + 0.5), y: last - 4, anchor: "middle" }));
    layers.heads.selectAll("rect").data(looks.flatMap((weights, head) => weights.map((weight, i) => ({ weight, head, i })))).join("rect").attr("x", ({ i }) => 62 + column * i).attr("y", ({ head }) => last + 17 * head)
      .attr("width", Math.max(1, column - 1)).attr("height", 15).style("fill", "var(--first)").attr("opacity", ({ weight }) => 0.05 + 0.95 * weight);
    layers.words.selectAll("text").data(words).join("text").attr("class", "told small").attr("x", ({ x }) => x).attr("y", (word) => word.y).attr("text-anchor", ({ anchor }) => anchor).text(({ text }) => text);
  }

  return { update, pace: 0.7 };
}

// Left: both losses. Right: the size of the gradient that reaches each block.
function drawAblation(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;gap:.4rem 1rem";
  const left = element("div");
  const right = element("div");
  left.style.cssText = "flex:1.5 1 19rem;min-width:0";
  right.style.cssText = "flex:1 1 14rem;min-width:0";
  place.append(left, right);
  api.root.append(place);
  const plot = makePlot(left, { x: [0, 240], y: [2, 5], label: "The losses of both models", xLabel: "step", yLabel: "loss", ratio: 0.7, tallest: 300 });
  const floor = plot.inside.append("line").attr("class", "limit");
  const floorName = plot.above.append("text").attr("class", "told small").attr("text-anchor", "end");
  const curves = ["--first", "--second"].map((colour) => plot.inside.append("path").attr("fill", "none").attr("stroke-width", 2.4).style("stroke", `var(${colour})`));
  const names = plot.above.append("g");
  const bars = makePlot(right, { x: [0.4, 6.6], y: [1e-6, 10], yLog: true, label: "The gradient of each block", xLabel: "block", yLabel: "gradient", ratio: 1, tallest: 300, ticks: [6, 5], margin: { left: 54 } });
  const columns = bars.inside.append("g");
  api.say("The first step takes a moment.");

  function update(frame) {
    plot.fit({ x: [0, frame.steps] });
    bars.fit();
    floor.attr("x1", plot.x(0)).attr("x2", plot.x(frame.steps)).attr("y1", plot.y(frame.letters)).attr("y2", plot.y(frame.letters));
    floorName.attr("x", plot.x(frame.steps) - 4).attr("y", plot.y(frame.letters) + 14).text("knows how often each character occurs");
    const smooth = (which) => frame.losses.map(([step], i) => [step, mean(frame.losses.slice(Math.max(0, i - 4), i + 1).map((row) => row[which]))]);
    const traces = [smooth(1), smooth(2)];
    curves.forEach((curve, i) => curve.attr("d", tracePath(plot, traces[i])));
    const without = frame.off.length ? `without ${frame.off.join(", ")}` : "the same";
    const ends = traces.map((trace) => trace.at(-1));
    const ys = ends.map(([, loss]) => plot.y(loss));
    if (Math.abs(ys[0] - ys[1]) < 16) ys[ys[0] < ys[1] ? 1 : 0] += 16;
    names.selectAll("text").data(["complete", without]).join("text").attr("class", "told small").style("fill", (_, i) => `var(${["--first", "--second"][i]})`)
      .attr("text-anchor", (_, i) => (plot.x(ends[i][0]) > plot.x(frame.steps * 0.5) ? "end" : "start")).attr("x", (_, i) => plot.x(ends[i][0]) + (plot.x(ends[i][0]) > plot.x(frame.steps * 0.5) ? -6 : 8)).attr("y", (_, i) => ys[i] + (i ? -8 : 16)).text((name) => name);
    const width = (bars.x(2) - bars.x(1)) * 0.36;
    const [low, high] = bars.y.domain();
    const data = frame.gradients.flatMap((sizes, which) => sizes.map((size, block) => ({ size: Math.min(high, Math.max(low, size)), which, block })));
    columns.selectAll("rect").data(data).join("rect").attr("x", ({ which, block }) => bars.x(block + 1) + (which ? 1 : -width - 1)).attr("width", width)
      .style("fill", ({ which }) => `var(${which ? "--second" : "--first"})`).attr("y", ({ size }) => bars.y(size)).attr("height", ({ size }) => bars.y(low) - bars.y(size));
  }

  return { update };
}

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

// Query times key, number by number; the sum; the softmax over the row.
function drawZoom(api) {
  const svg = select(api.root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "One score, product by product");
  const cells = svg.append("g");
  const words = svg.append("g");
  const bars = svg.append("g");

  function update(frame) {
    const colours = readColours();
    const width = Math.max(300, api.root.clientWidth);
    const left = 112;
    const cell = Math.min(18, (width - left - 12) / frame.q.length);
    const rows = [["q", `query of “${showToken(frame.tokens[frame.query])}”`], ["k", `key of “${showToken(frame.tokens[frame.key])}”`], ["products", "product"]];
    const data = rows.flatMap(([name], row) => frame[name].map((value, i) => ({ value, i, row, most: Math.max(...(row === 2 ? frame.products : [...frame.q, ...frame.k]).map(Math.abs)) })));
    const y = (row) => 8 + row * 34 + (row === 2 ? 8 : 0);
    const narrow = width < 440;
    const softmax = "→ softmax over the row:";
    const base = narrow ? 212 : 196;
    const high = base + 92;
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high);
    cells.selectAll("rect").data(data).join("rect").attr("x", ({ i }) => left + i * cell).attr("y", ({ row }) => y(row)).attr("width", Math.max(1, cell - 1)).attr("height", 26).attr("rx", 2).attr("data-number", ({ row, i }) => (row < 2 ? `${"qk"[row]}${i + 1}` : null))
      .style("fill", ({ value, most }) => signed(value, most, colours)).selectAll("title").data((d) => [d]).join("title").text(({ value }) => format(value, 3));
    const shares = frame.weights.map((weight, i) => ({ weight, score: frame.scores[i], name: showToken(frame.tokens[i]), i }));
    const column = Math.min(46, (width - 20) / shares.length);
    const told = [
      ...rows.map(([, text], row) => ({ x: left - 8, y: y(row) + 17, text, end: "end", strong: row === 2 })),
      { x: left, y: y(2) + 46, number: `s${frame.key + 1}`, text: `sum ${format(frame.score, 3)}   ÷ √${frame.q.length} = ${format(frame.scaled, 3)}${narrow ? "" : `   ${softmax}`}`, end: "start", strong: true },
      ...(narrow ? [{ x: left, y: y(2) + 64, text: softmax, end: "start", strong: true }] : []),
      ...shares.map(({ name, i }) => ({ x: 10 + i * column + column / 2, y: high - 24, text: name, end: "middle", strong: i === frame.key })),
      ...shares.map(({ score, i }) => ({ x: 10 + i * column + column / 2, y: high - 6, number: column > 30 && i !== frame.key ? `s${i + 1}` : null, text: column > 30 ? format(score, 2) : "", end: "middle" })),
    ];
    words.selectAll("text").data(told).join("text").attr("x", ({ x }) => x).attr("y", (d) => d.y).attr("text-anchor", ({ end }) => end).style("font-size", "12.5px")
      .style("fill", ({ strong }) => (strong ? "var(--ink)" : "var(--soft)")).style("font-weight", ({ strong }) => (strong ? 650 : 400)).attr("data-number", ({ number }) => number ?? null).text(({ text }) => text);
    bars.selectAll("rect").data(shares).join("rect").attr("data-number", ({ i }) => `w${i + 1}`).attr("x", ({ i }) => 12 + i * column).attr("width", Math.max(2, column - 4)).attr("rx", 2)
      .style("fill", ({ i }) => (i === frame.key ? "var(--second)" : "var(--first)")).transition().duration(api.isCalm ? 0 : 160)
      .attr("y", ({ weight }) => base + 48 - 58 * weight).attr("height", ({ weight }) => 1 + 58 * weight);
  }

  return { update };
}

export const drawings = { path: whenReady(drawPath), order: drawOrder, follow: whenReady(drawFollow), ablation: drawAblation, zoom: whenReady(drawZoom) };
