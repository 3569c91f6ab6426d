// A whole GPT at work on a text. Rows are tokens, from left to right: their vectors, block after block, and the next token's probabilities.
import { easeCubicOut, select } from "/static/vendor/d3.js";

import { readColours, signed } from "/static/views/colours.js";
import { makeRuler, percent } from "/static/views/elements.js";
import { makeScroller } from "/static/views/scroller.js";
import { makeTokens } from "/static/views/tokens.js";
import { showToken } from "/static/views/waiting.js";

const LEFT = 66, TOP = 74, STRIP = 42, BARS = 150;

// Returns `show(frame)`; where only `opacity` has changed, nothing is drawn again.
//   options: toggle(name) (a block or a head was pressed; they are no buttons without it), append(text) (a next token was pressed),
//            isOff(frame, layer, head) (whether a head, or without one a block, is off), below (what stands below: the height, in pixels),
//            opacity(stage) (of what a stage of the way shows: 1 tokens, 2 vectors, 3 attention and 4 feed-forward of the first block, 5 the
//            other blocks, 6 scores)
export function makeGPT(api, options) {
  const scroller = makeScroller(api.root);
  const svg = select(scroller).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The whole way through the model");
  const layers = Object.fromEntries(["wires", "curves", "strips", "nodes", "parts", "words", "notes", "bars"].map((name) => [name, svg.append("g")]));
  layers.curves.attr("fill", "none").style("stroke", "var(--second)");
  const tokens = makeTokens(layers.words, { choose: (place) => api.set({ token: place + 1 }), redraw: () => { draw(); fade(); } });
  const isOff = options.isOff ?? (() => false);
  const opacity = options.opacity ?? (() => 1);
  const measure = makeRuler(scroller);
  let frame = null;
  let drawn = [];

  function show(next) {
    const state = [next, measure(), readColours()];
    frame = next;
    if (state.some((one, i) => one !== drawn[i])) draw();
    drawn = state;
    fade();
  }

  function draw() {
    const place = layOut();
    const query = tokens.pointed(frame.tokens.length) ?? frame.token;
    svg.attr("viewBox", `0 0 ${place.wide} ${place.high}`).attr("height", place.high).style("width", `${place.wide}px`);
    drawVectors(place, query);
    drawCurves(place, query);
    drawFeedForwards(place, query);
    drawParts(place);
    drawTokens(place, query);
    drawNotes(place);
    drawBars(place);
  }

  function layOut() {
    const [count, blocks] = [frame.tokens.length, frame.weights.length];
    const row = count > 12 ? 17 : 22;
    // Where the bars have no room beside the blocks, they stand below.
    const below = scroller.clientWidth < LEFT + STRIP + blocks * 84 + BARS + 16;
    const wide = Math.max(scroller.clientWidth, LEFT + STRIP + blocks * 84 + 16);
    const step = (wide - LEFT - STRIP - (below ? 6 : BARS + 12)) / blocks;
    const floor = TOP + count * row;
    const barTop = below ? floor + options.below + 28 : TOP + 10;
    const high = below ? barTop + frame.next.length * 24 : floor + options.below;
    return { count, blocks, row, below, wide, step, floor, barTop, high, y: (i) => TOP + i * row + row / 2, x: (level) => LEFT + level * step };
  }

  // How well each stage of the way is seen.
  function fade() {
    const ofBlock = (block, first) => opacity(block ? 5 : first);
    layers.wires.attr("opacity", Math.max(0.25, opacity(2)));
    layers.strips.selectAll("g").attr("opacity", (_, level) => (level ? ofBlock(level - 1, 4) : opacity(2)));
    layers.curves.selectAll("g").attr("opacity", (_, block) => ofBlock(block, 3));
    layers.nodes.selectAll("g").attr("opacity", (_, block) => ofBlock(block, 4));
    layers.parts.selectAll("g.part").attr("opacity", ({ block, weights }) => Math.max(weights ? 0 : 0.3, ofBlock(block, 3)));
    layers.notes.selectAll("text").attr("opacity", ({ stage }) => (stage ? opacity(stage) : 1));
    layers.bars.attr("opacity", opacity(6));
  }

  function drawVectors({ blocks, row, x, y }, query) {
    layers.wires.selectAll("line").data(frame.tokens).join("line").attr("x1", LEFT).attr("x2", x(blocks) + STRIP)
      .attr("y1", (_, i) => y(i)).attr("y2", (_, i) => y(i)).style("stroke", (_, i) => (i === query ? "var(--second)" : "var(--line)")).attr("stroke-width", (_, i) => (i === query ? 2 : 1.2));
    const colours = readColours();
    const most = Math.max(...frame.strips.flat(2).map(Math.abs)) * 0.6;
    const cell = STRIP / frame.strips[0][0].length;
    layers.strips.selectAll("g").data(frame.strips).join("g").selectAll("rect")
      .data((rows, level) => rows.flatMap((vector, i) => vector.map((value, c) => ({ value, x: x(level) + c * cell, y: y(i) })))).join("rect")
      .attr("x", (one) => one.x).attr("y", (one) => one.y - row * 0.34).attr("width", cell + 0.2).attr("height", row * 0.68).style("fill", ({ value }) => signed(value, most, colours));
  }

  // Attention: from each earlier token to the chosen one, strong by the mean weight of the heads that are on.
  function drawCurves({ step, x, y }, query) {
    const trace = (all, i) => {
      const on = all.filter((_, head) => !isOff(frame, i, head));
      const from = x(i) + STRIP + 4;
      const to = from + (step - STRIP) * 0.56;
      return frame.tokens.slice(0, query + 1).map((_, key) => ({
        weight: on.length ? on.reduce((sum, one) => sum + one[query][key], 0) / on.length : 0,
        d: `M${from},${y(key)} C${(from + to) / 2},${y(key)} ${(from + to) / 2},${y(query)} ${to},${y(query)}`,
      })).filter(({ weight }) => weight > 0.01);
    };
    layers.curves.selectAll("g").data(frame.weights).join("g").attr("class", "looks").selectAll("path").data(trace).join("path")
      .attr("d", ({ d }) => d).attr("stroke-width", ({ weight }) => 0.8 + 7 * weight).attr("opacity", ({ weight }) => 0.3 + 0.6 * weight);
  }

  // The feed-forward: one node per token, as large as what it adds.
  function drawFeedForwards({ row, step, x, y }, query) {
    const largest = Math.max(...frame.added.flatMap(([, fed]) => fed), 1e-9);
    layers.nodes.selectAll("g").data(frame.added).join("g").attr("class", "fed").selectAll("circle")
      .data(([, fed], i) => fed.map((size, j) => ({ size, j, x: x(i) + STRIP + (step - STRIP) * 0.8 }))).join("circle")
      .attr("cx", (node) => node.x).attr("cy", ({ j }) => y(j)).attr("r", ({ size }) => 1 + (row * 0.36 * size) / largest)
      .style("fill", ({ j }) => (j === query ? "var(--second)" : "var(--third)")).attr("opacity", ({ size }) => (size ? 0.85 : 0.25));
  }

  // The names of the blocks, and a small map of each head's weights.
  function drawParts({ count, step, x }) {
    const heads = frame.weights[0].length;
    const parts = frame.weights.flatMap((all, i) => {
      const left = x(i) + STRIP + 2;
      const columns = Math.min(heads, Math.max(2, Math.floor((step - STRIP - 4) / 22)));
      const size = Math.min(heads > columns ? 20 : 38, (step - STRIP - 4) / columns - 2);
      const maps = all.slice(0, columns * 2).map((weights, head) => ({ block: i, name: `head ${i + 1}.${head + 1}`, x: left + (head % columns) * (size + 2), y: 30 + Math.floor(head / columns) * (size + 2), width: size, height: size, off: isOff(frame, i, head), weights }));
      return [{ block: i, name: `block ${i + 1}`, x: left, y: 6, width: step - 6, height: 20, off: isOff(frame, i), text: `block ${i + 1}` }, ...maps];
    });
    const item = layers.parts.selectAll("g.part").data(parts, ({ name }) => name).join((enter) => {
      const group = enter.append("g").attr("class", "part");
      group.append("rect").attr("class", "frame").attr("rx", 4);
      group.append("g").attr("class", "map");
      group.append("text").attr("text-anchor", "middle").style("font-size", "12px").style("font-weight", 600);
      group.append("title");
      return group;
    }).attr("transform", (part) => `translate(${part.x},${part.y})`);
    if (options.toggle) {
      item.attr("role", "switch").attr("tabindex", 0).style("cursor", "pointer").attr("aria-checked", ({ off }) => !off).attr("aria-label", ({ name }) => name)
        .on("click", (_, { name }) => options.toggle(name)).on("keydown", (event, { name }) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); options.toggle(name); } });
    }
    item.select(".frame").attr("width", ({ width }) => width).attr("height", ({ height }) => height).style("fill", ({ off }) => (off ? "transparent" : "var(--page)")).style("stroke", ({ off }) => (off ? "var(--bad)" : "var(--line)")).style("stroke-dasharray", ({ off }) => (off ? "3 3" : "none"));
    item.select("title").text(({ name, off }) => (options.toggle ? `${name}: ${off ? "off" : "on"}` : name));
    item.select("text").attr("x", ({ width }) => width / 2).attr("y", 14).style("fill", ({ off }) => (off ? "var(--bad)" : "var(--ink)")).style("text-decoration", ({ off }) => (off ? "line-through" : "none")).text(({ text }) => text ?? "");
    item.select(".map").attr("opacity", ({ off }) => (off ? 0.12 : 1)).each(function one({ weights, width }) {
      const dots = weights ? weights.flatMap((line, i) => line.map((weight, j) => ({ weight, i, j }))).filter(({ weight }) => weight > 0.05) : [];
      const small = width / count;
      select(this).selectAll("rect").data(dots).join("rect").attr("x", ({ j }) => j * small).attr("y", ({ i }) => i * small).attr("width", small).attr("height", small).style("fill", "var(--first)").attr("opacity", ({ weight }) => weight);
    });
  }

  function drawTokens({ row, y }, query) {
    const names = tokens.draw(frame.tokens.map((name) => showToken(name).slice(0, 5)), query).attr("aria-description", (_, i) => `token ${i + 1}`);
    names.select("rect").attr("x", 2).attr("width", LEFT - 6).attr("y", (_, i) => y(i) - row / 2 + 1).attr("height", row - 2);
    names.select(".name").attr("x", 24).attr("y", (_, i) => y(i) + 4).style("font", "13px ui-monospace,monospace");
    names.selectAll(".number").data((_, i) => [i]).join("text").attr("class", "number").attr("text-anchor", "end").attr("x", LEFT - 8).attr("y", (i) => y(i) + 3.5)
      .style("font-size", "9.5px").style("fill", (i) => (i === query ? "var(--page)" : "var(--soft)")).text((i) => frame.numbers[i]);
  }

  function drawNotes(place) {
    const { below, blocks, floor, x } = place;
    const told = [
      { x: 6, y: 60, text: "tokens" }, { x: x(0) - 5, y: 60, text: "vectors" },
      { x: below ? 4 : x(blocks) + STRIP + 12, y: below ? floor + options.below + 4 : 20, text: "next token", strong: true },
      ...options.note(frame, { ...place, strip: STRIP }),
    ];
    layers.notes.selectAll("text").data(told).join("text").attr("data-number", ({ number }) => number ?? null).attr("x", (one) => one.x).attr("y", (one) => one.y).attr("text-anchor", ({ anchor }) => anchor ?? "start")
      .style("font-size", "12px").style("font-weight", ({ strong }) => (strong ? 650 : 400)).style("fill", ({ strong }) => (strong ? "var(--ink)" : "var(--soft)")).text(({ text }) => text);
  }

  function drawBars({ below, blocks, barTop, wide, x }) {
    const left = below ? LEFT : x(blocks) + STRIP + 46;
    const line = layers.bars.selectAll("g").data(frame.next).join((enter) => {
      const group = enter.append("g");
      group.append("text").attr("class", "name").attr("text-anchor", "end").attr("x", -6).attr("y", 4).style("font", "13px ui-monospace,monospace").style("fill", "var(--ink)");
      group.append("rect").attr("class", "bar").attr("y", -7).attr("height", 14).attr("rx", 3).style("fill", "var(--first)");
      group.append("text").attr("class", "share").attr("y", 4);
      return group;
    }).attr("transform", (_, i) => `translate(${left},${barTop + i * 24})`);
    const names = line.select(".name").text(({ text }) => showToken(text).slice(0, 5));
    if (options.append) {
      names.attr("role", "button").attr("tabindex", 0).style("cursor", "pointer").attr("aria-label", ({ text }) => `append ${showToken(text)}`)
        .on("click", (_, { text }) => options.append(text)).on("keydown", (event, { text }) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); options.append(text); } });
    }
    line.select(".share").attr("data-number", (_, i) => `pnext${i + 1}`).text(({ p }) => percent(p));
    const scale = (p) => p * (wide - left - 46);
    line.select(".bar").transition().duration(api.isCalm ? 0 : 200).ease(easeCubicOut).attr("width", ({ p }) => scale(p));
    line.select(".share").attr("x", ({ p }) => scale(p) + 5);
  }

  return show;
}
