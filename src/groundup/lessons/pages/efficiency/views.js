// Draws what the tokens of a text cost, a softmax that is read tile by tile, and the experts that tokens use.
import { easeCubicOut, select } from "/static/vendor/d3.js";

import { element, format, makeRuler, percent } from "/static/views/elements.js";
import { makePlot } from "/static/views/plot.js";

const whole = (count) => count.toLocaleString("en-US");

// Three squares, side by side where there is room: what is kept, what stands in memory at once, what computes.
function drawCosts(api) {
  const svg = select(api.root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "What the tokens of a text cost");
  const measure = makeRuler(api.root);
  const panels = ["kept", "held", "through"].map(() => svg.append("g"));
  const layers = panels.map((panel) => Object.fromEntries(["wires", "boxes", "marks", "texts"].map((name) => [name, panel.append("g")])));
  const titles = ["kept: keys and values", "held: attention weights", "computed: feed-forward"];
  let size = 0;

  function update(frame, { tokens }) {
    const wide = Math.max(270, measure());
    const beside = wide >= 540;
    const gap = 24;
    size = beside ? Math.min(230, (wide - 2 * gap) / 3) : 140;
    const left = beside ? (wide - 3 * size - 2 * gap) / 2 : 8;
    const high = size + (beside ? 72 : 44);
    svg.attr("viewBox", `0 0 ${wide} ${beside ? high : 3 * high}`).attr("height", beside ? high : 3 * high);
    panels.forEach((panel, i) => panel.attr("transform", beside ? `translate(${left + i * (size + gap)},24)` : `translate(${left},${24 + i * high})`));
    drawKept(layers[0], frame, tokens);
    drawHeld(layers[1], frame, tokens);
    drawThrough(layers[2], frame);
    // The numbers stand below the pictures; where these stand below each other, at the right.
    const [x, y, anchor] = beside ? [size / 2, size + 22, "middle"] : [size + 22, size / 2, "start"];
    ["kept", "held", "through"].forEach((name, i) => {
      const without = frame[`all_${name}`];
      const told = [
        { x: beside ? size / 2 : 0, y: -9, anchor: beside ? "middle" : "start", text: titles[i], kind: "told small" },
        { x, y, anchor, text: whole(frame[name]), kind: "told", number: name },
        { x, y: y + 17, anchor, text: frame[name] < without ? `instead of ${whole(without)}` : "", kind: "told small" },
      ];
      layers[i].texts.selectAll("text").data(told).join("text").attr("class", ({ kind }) => kind).attr("text-anchor", (one) => one.anchor).attr("x", (one) => one.x).attr("y", (one) => one.y)
        .attr("data-number", ({ number }) => number ?? null).style("font-size", ({ number }) => (number ? "17px" : null)).text(({ text }) => text);
    });
  }

  // Left the query heads; right a band for each head of keys and values, as long as the text.
  function drawKept({ wires, boxes, marks }, frame, tokens) {
    const row = size / frame.heads;
    const from = size * 0.3;
    const room = size - from;
    const shared = frame.heads / frame.groups;
    const middle = (head) => (head + 0.5) * row;
    const centre = (group) => (group + 0.5) * shared * row;
    const long = (room * tokens) / frame.most;
    wires.selectAll("line").data(Array.from({ length: frame.heads }, (_, head) => head)).join("line").attr("x1", 18).attr("x2", from - 3).attr("y1", middle).attr("y2", (head) => centre(Math.floor(head / shared)))
      .style("stroke", "var(--soft)").attr("stroke-width", 1.4);
    marks.selectAll("circle").data(Array.from({ length: frame.heads }, (_, head) => head)).join("circle").attr("cx", 11).attr("cy", middle).attr("r", Math.min(8, row * 0.36)).style("fill", "var(--second)");
    const ghosts = Array.from({ length: frame.heads }, (_, head) => ({ x: from, y: middle(head) - row * 0.4, width: long, height: row * 0.8, fill: "transparent", line: "var(--line)" }));
    const bands = Array.from({ length: frame.groups }, (_, group) => ["var(--first)", "var(--third)"].map((fill, half) => ({ x: from, y: centre(group) - row * 0.4 + half * row * 0.4, width: long, height: row * 0.4, fill, line: "none" }))).flat();
    showBoxes(boxes, [...ghosts, ...bands]);
  }

  // A square of all weights, as large as the text; what is dark stands in memory at once.
  function drawHeld({ boxes, marks }, frame, tokens) {
    const cell = size / frame.most;
    const side = tokens * cell;
    const tile = frame.tile * cell;
    const count = Math.ceil(tokens / frame.tile);
    const parts = Array.from({ length: count }, (_, i) => Array.from({ length: i + 1 }, (_unused, j) => [i, j])).flat();
    const clip = (place) => Math.min(tile, side - place * tile);
    // Of tiles, the last whole one: one of the text's end may be narrower.
    const row = Math.max(0, Math.floor(tokens / frame.tile) - 1);
    const dark = [row, Math.max(0, row - 1)];
    showBoxes(boxes, [
      { x: 0, y: 0, width: size, height: size, fill: "transparent", line: "var(--line)" },
      ...parts.map(([i, j]) => ({ x: j * tile, y: i * tile, width: clip(j), height: clip(i), fill: i === dark[0] && j === dark[1] ? "var(--second)" : "transparent", line: "var(--soft)" })),
    ]);
    marks.selectAll("path").data([null]).join("path").attr("d", `M0,0H${side}V${side}Z`).style("fill", "var(--page)").attr("opacity", 0.45);
  }

  // A token, the experts, and a wire to each that it goes through, thick by its share.
  function drawThrough({ wires, boxes, marks }, frame) {
    const row = size / frame.shares.length;
    const from = size * 0.3;
    const used = frame.shares.map((share, i) => ({ share, i })).filter(({ share }) => share);
    wires.selectAll("line").data(used).join("line").attr("x1", 14).attr("y1", size / 2).attr("x2", from - 3).attr("y2", ({ i }) => (i + 0.5) * row)
      .style("stroke", "var(--second)").attr("stroke-width", ({ share }) => 1 + 6 * share).attr("stroke-linecap", "round");
    marks.selectAll("circle").data([null]).join("circle").attr("cx", 11).attr("cy", size / 2).attr("r", 8).style("fill", "var(--second)");
    showBoxes(boxes, frame.shares.map((share, i) => ({ x: from, y: (i + 0.1) * row, width: size - from, height: row * 0.8, fill: share ? "var(--first)" : "transparent", line: share ? "none" : "var(--line)" })));
  }

  function showBoxes(layer, boxes) {
    layer.selectAll("rect").data(boxes).join("rect").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("width", ({ width }) => Math.max(0, width)).attr("height", ({ height }) => height)
      .style("fill", ({ fill }) => fill).style("stroke", ({ line }) => line);
  }

  return { update, pace: 12 };
}

// Eight keys: a bar for the exponential of each that was read, as tall as it counts now, and what three numbers hold of them.
function drawTiles(api) {
  const plot = makePlot(api.root, { x: [0.4, 8.6], y: [-0.2, 1.18], label: "What each key that was read counts now", xLabel: "key", yLabel: "exp(score − m)", ratio: 0.36, tallest: 260, lowest: 190, ticks: [8, 4] });
  const tiles = plot.inside.append("g");
  const bars = plot.inside.append("g");
  const scores = plot.above.append("g");
  const values = plot.above.append("g");
  const table = element("table");
  table.style.cssText = "width:100%;table-layout:fixed;text-align:center;font-variant-numeric:tabular-nums";
  api.root.append(table);

  function update(frame, { tile }) {
    plot.fit();
    const step = plot.x(2) - plot.x(1);
    const begins = Array.from({ length: Math.ceil(8 / tile) }, (_, place) => place * tile);
    tiles.selectAll("rect").data(begins).join("rect").attr("x", (begin) => plot.x(begin + 0.5) + 2).attr("y", plot.y(1.16)).attr("rx", 4)
      .attr("width", (begin) => step * (Math.min(begin + tile, 8) - begin) - 4).attr("height", plot.y(0) - plot.y(1.16))
      .style("fill", "var(--first)").attr("fill-opacity", (begin) => (begin < frame.count && begin + tile >= frame.count ? 0.12 : 0)).style("stroke", "var(--line)");
    const rects = bars.selectAll("rect").data(frame.weights).join((enter) => enter.append("rect").attr("y", plot.y(0)).attr("height", 0));
    rects.attr("x", (_, i) => plot.x(i + 1) - step * 0.3).attr("width", step * 0.6).attr("rx", 3).style("fill", "var(--first)");
    rects.attr("data-number", (_, i) => `w${i + 1}`);
    (api.isCalm ? rects : rects.transition().duration(220).ease(easeCubicOut)).attr("y", (weight) => plot.y(weight)).attr("height", (weight) => plot.y(0) - plot.y(weight));
    scores.selectAll("text").data(frame.scores).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("opacity", (_, i) => (i < frame.count ? 1 : 0.45))
      .attr("x", (_, i) => plot.x(i + 1)).attr("y", (_, i) => plot.y(frame.weights[i] ?? 0) - 7).attr("data-number", (_, i) => `s${i + 1}`).text((score) => format(score, 2));
    values.selectAll("text").data([...frame.values.map((value, i) => ({ value, i })), { value: null, i: -1 }]).join("text").attr("class", "told small").attr("text-anchor", ({ i }) => (i < 0 ? "end" : "middle"))
      .attr("x", ({ i }) => (i < 0 ? plot.x(0.4) - 4 : plot.x(i + 1))).attr("y", plot.y(-0.15)).attr("opacity", ({ i }) => (i < frame.count ? 1 : 0.45)).attr("data-number", ({ i }) => (i < 0 ? null : `v${i + 1}`)).text(({ value }) => (value === null ? "value" : format(value, 2)));
    const row = (tag, texts) => `<tr>${texts.map((text) => `<${tag}${tag === "th" ? ' scope="col"' : ""} style="text-align:center">${text}</${tag}>`).join("")}</tr>`;
    table.innerHTML = row("th", ["m, largest", "l, sum", "o, values", "o / l"])
      + row("td", [["m", frame.largest === null ? "−∞" : format(frame.largest)], ["l", format(frame.total ?? 0)], ["o", format(frame.result ?? 0)], ["mean", `<b>${format(frame.mean)}</b>`]]
        .map(([key, text]) => `<span data-number="${key}">${text}</span>`));
  }

  return { update, pace: 1.2 };
}

// A row per token, a column per expert: dark where the token uses it much; below, how evenly the experts are used.
function drawExperts(api) {
  const table = element("table");
  table.style.cssText = "width:100%;table-layout:fixed;text-align:center;font-variant-numeric:tabular-nums;font-size:.9rem";
  api.root.append(table);

  function update(frame) {
    const row = (name, cells) => `<tr><th scope="row" style="padding:.22rem .3rem .22rem 0">${name}</th>${cells.join("")}</tr>`;
    const opening = (text, key) => `<span data-number="${key}">${text}</span>`;
    const centred = (text, style = "") => `<td style="text-align:center;padding:.22rem 0;${style}">${text}</td>`;
    table.innerHTML = `<tr><td></td>${frame.shares.map((_, i) => `<th scope="col" style="text-align:center;padding:.22rem 0">expert ${i + 1}</th>`).join("")}</tr>`
      + frame.weights.map((weights, i) => row(`token ${i + 1}`, weights.map((weight, place) => (weight ? centred(opening(format(weight, 2), `t${i}w${weights.slice(0, place + 1).filter(Boolean).length}`), `background:color-mix(in srgb, var(--first) ${Math.round(10 + 40 * weight)}%, transparent)`) : centred("·", "color:var(--soft)"))))).join("")
      + row("share f", frame.shares.map((share, i) => centred(opening(`<b>${percent(share)}</b>`, `f${i}`)))) + row("mean P", frame.probabilities.map((p, i) => centred(opening(percent(p), `P${i}`))));
  }

  return { update };
}

export const drawings = { costs: drawCosts, tiles: drawTiles, experts: drawExperts };
