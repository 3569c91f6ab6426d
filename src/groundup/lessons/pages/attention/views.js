// Draws attention: words and the lines between them, three tokens in a plane, a word on a map, weights as bars, and heads side by side.
import { easeCubicInOut, easeCubicOut, select } from "/static/vendor/d3.js";

import { readColours, signed } from "/static/views/colours.js";
import { element, format, wholePercent } from "/static/views/elements.js";
import { makeLooking } from "/static/views/looking.js";
import { makeHandle, makePlot, placeLabel } from "/static/views/plot.js";
import { makeScroller } from "/static/views/scroller.js";
import { showToken, whenReady } from "/static/views/waiting.js";


// Words on a line. Point at one: lines to the words whose values it takes, thick by weight; below, the values that are mixed.
function drawWords(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:flex-start";
  const holder = element("div");
  holder.style.cssText = "flex:1 1 20rem;min-width:0";
  const scroller = makeScroller(holder);
  const side = element("div");
  side.style.cssText = "flex:0 0 auto";
  place.append(holder, side);
  api.root.append(place);
  const line = makeLooking(scroller, { label: "The sentence", layers: ["strips", "tokens", "shares", "notes"], choose, redraw: draw, isHeld: () => Boolean(api.numbers?.key) });
  const { strips, shares, notes } = line.layers;
  const title = element("p");
  title.style.cssText = "margin:0 0 .3rem;font-size:.85rem;color:var(--soft)";
  const grid = element("div");
  side.append(title, grid);
  let frame = null;
  let looked = ""; // from which word to which one, and in which head, when the frame came
  const ALL_READ = api.spec.controls.find(({ name }) => name === "read").high;

  function update(next, { read, word, to, head }) {
    const before = frame, was = looked;
    frame = next;
    if (next !== before) looked = [word, to, head].join();
    if (before && next !== before && looked === was) keepWord(before);
    // The sentence is shorter than the longest one: all of its keys are read.
    if (frame.read === read && read < ALL_READ && read > frame.scores.length) { api.pause(); api.set({ read: ALL_READ }); }
    drawHeads();
    draw();
  }

  // The sentence was changed by hand: the chosen word is the same, and its head, wherever it stands now.
  function keepWord(before) {
    const places = frame.tokens.flatMap((token, i) => (token === before.tokens[before.word] ? [i] : []));
    if (!places.length || places.includes(frame.word)) return;
    const far = (i) => Math.abs(i - before.word);
    const nearest = places.reduce((one, other) => (far(other) < far(one) ? other : one));
    api.set({ word: nearest + 1, to: 0, head: before.layer * before.weights[0].length + before.head + 1 });
  }

  function draw() {
    const colours = readColours();
    // While the query meets the keys, one by one, the picture stays with its word.
    const { read } = frame;
    const meets = read <= frame.scores.length;
    const hovered = meets ? null : line.pointed(frame.tokens.length);
    const query = hovered ?? frame.word;
    // Only of the chosen word it is known where its numbers come from.
    const opens = query === frame.word;
    if (!opens) api.numbers?.hide();
    const weights = frame.weights[frame.layer][frame.head];
    const row = weights[query];
    const names = frame.tokens.map(showToken);
    const widths = names.map((name) => Math.max(40, 10 * name.length + 18));
    const total = widths.reduce((a, b) => a + b, 0);
    const room = Math.max(scroller.clientWidth, 200);
    // Room for "new" and the longest word.
    const last = Math.max(72, 16 + 6.6 * (6 + Math.max(...names.map((name) => name.length))));
    const stretch = Math.max(0.6, Math.min(1.5, (room - last - 8) / total));
    // Many words stand closer together, in smaller letters.
    const letters = Math.max(0.72, Math.min(1, stretch / 0.88));
    const centres = [];
    let left = 4;
    for (const width of widths) { centres.push(left + (width * stretch) / 2); left += width * stretch; }
    const wide = Math.max(room, Math.floor(left + last));
    const top = 112;
    const stripTop = top + 46;
    const cells = frame.new[0].length;
    const cell = Math.max(1.5, Math.min(8, 112 / cells));
    const high = stripTop + cells * cell + 24;
    line.fit(wide, high);
    line.drawArcs(meets ? row.map((_, i) => (i === read - 1 ? 0.3 : 0)) : row, centres[query], centres, top - 22);
    const item = line.drawTokens(names, query);
    item.attr("aria-description", (_, place_) => `weight ${wholePercent(row[place_])}`);
    item.select("rect").attr("x", (_, i) => centres[i] - (widths[i] * stretch) / 2 + 2).attr("y", top - 17).attr("width", (_, i) => widths[i] * stretch - 4).attr("height", 34);
    item.select(".name").attr("x", (_, i) => centres[i]).attr("y", top + 6).style("font-size", `${17 * letters}px`)
      .style("font-weight", (_, i) => (i === query || (meets ? i === read - 1 : row[i] > 0.3) ? 650 : 400)).style("opacity", (_, i) => (frame.mask && i > query ? 0.35 : 1));
    shares.selectAll("text").data(row).join("text").attr("text-anchor", "middle").attr("x", (_, i) => centres[i]).attr("y", top + 34)
      .style("font-size", `${Math.max(10.5, 12 * letters)}px`).style("fill", "var(--ink)").style("font-weight", 600)
      .attr("data-number", (_, i) => (!opens || (meets && i >= read) ? null : meets ? `s${i + 1}` : `w${i + 1}`))
      .text((weight, i) => (meets ? (i < read ? format(frame.scores[i], 2) : "") : frame.mask && i > query ? "" : wholePercent(weight)));

    const shown = meets ? frame.keys : frame.values;
    const shade = (i) => (meets ? (i < read ? 1 : 0) : 0.12 + 0.88 * row[i]);
    const ours = meets ? { vector: frame.query, name: "q" } : { vector: frame.new[query], name: "new" };
    const columns = [...shown.map((vector, i) => ({ vector, x: centres[i], shade: shade(i), name: `${meets ? "k" : "value"}${i + 1}_` })), { ...ours, x: left + last / 2 - 6, shade: 1 }];
    const most = Math.max(...(meets ? [...frame.keys.flat(), ...frame.query] : frame.values.flat()).map(Math.abs), 1e-9);
    strips.selectAll("g").data(columns).join("g").attr("opacity", (column, i) => (i < row.length && frame.mask && i > query ? 0 : column.shade))
      .selectAll("rect").data(({ vector, x, name }) => vector.map((value, c) => ({ value, x, number: `${name}${c + 1}` }))).join("rect")
      .attr("data-number", ({ number }) => (opens ? number : null)).attr("x", ({ x }) => x - 13).attr("width", 26).attr("y", (_, i) => stripTop + i * cell).attr("height", Math.max(1, cell - 0.7))
      .style("fill", ({ value }) => signed(value, most, colours));
    const middle = stripTop + (cells * cell) / 2;
    const ends = [
      { x: left + 4, y: middle, text: meets ? "·" : "=", size: 20, anchor: "middle" },
      { x: left + last / 2 - 6, y: top + 6, text: meets ? "query of" : "result for", size: 13, anchor: "middle" },
      { x: left + last / 2 - 6, y: top + 22, text: `“${names[query]}”`, size: 13, anchor: "middle" },
      { x: 4, y: high - 6, text: meets ? `numbers: the scores, key · query${api.values.scale ? " ÷ √d" : ""}; below, the keys` : "each value times its weight, added up", size: 12, anchor: "start" },
    ];
    notes.selectAll("text").data(ends).join("text").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ anchor }) => anchor)
      .style("font-size", ({ size }) => `${size}px`).style("fill", "var(--soft)").text(({ text }) => text);
    if (hovered !== null) {
      const told = row.map((weight, key) => [weight, names[key]]).sort((a, b) => b[0] - a[0]).slice(0, 3).filter(([weight]) => weight > 0.005);
      api.say(`Result for “${names[query]}” in head ${frame.layer + 1}.${frame.head + 1}: ${told.map(([weight, name]) => `${wholePercent(weight)} ${name}`).join(", ")}.`);
    } else api.say(frame.says);
  }

  function choose(word) { api.set({ word: word + 1, to: 0, head: frame.layer * frame.weights[0].length + frame.head + 1, read: ALL_READ }); }

  // All heads at a glance: a small square for each, row by row the tokens.
  function drawHeads() {
    const heads = frame.weights[0].length;
    const size = frame.weights.length * heads > 24 ? 30 : 50;
    title.textContent = "all heads";
    grid.style.cssText = `display:grid;gap:6px;grid-template-columns:repeat(${Math.min(heads, 8)},${size}px)`;
    const all = frame.weights.flatMap((layer, i) => layer.map((weights, j) => ({ weights, name: `${i + 1}.${j + 1}`, number: i * heads + j + 1, chosen: i === frame.layer && j === frame.head })));
    select(grid).selectAll("button").data(all).join((enter) => {
      const made = enter.append("button").attr("type", "button").style("padding", "0").style("border-radius", "6px").style("background", "var(--page)").style("min-width", "0");
      made.append("svg").style("width", "100%").style("display", "block").style("border-radius", "5px");
      made.append("span").style("font-size", "11px").style("display", "block");
      return made;
    }).attr("aria-label", ({ name }) => `head ${name}`).attr("aria-pressed", ({ chosen }) => chosen)
      .style("border", ({ chosen }) => `2px solid var(${chosen ? "--second" : "--line"})`)
      .on("click", (_, { number }) => api.set({ head: number }))
      .each(function one({ weights, name }) {
        const count = weights.length;
        select(this).select("span").text(name);
        select(this).select("svg").attr("viewBox", `0 0 ${count} ${count}`)
          .selectAll("rect").data(weights.flatMap((row, y) => row.map((weight, x) => ({ weight, x, y }))).filter(({ weight }) => weight > 0.02)).join("rect")
          .attr("x", ({ x }) => x + 0.04).attr("y", ({ y }) => y + 0.04).attr("width", 0.92).attr("height", 0.92).style("fill", "var(--first)").attr("opacity", ({ weight }) => weight);
      });
  }

  return { update, pace: 1 };
}

// Three tokens in a plane: drag their vectors; a table of scores and weights; the new vectors inside of the triangle of values.
function drawHand(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;align-items:center";
  const left = element("div");
  left.style.cssText = "flex:1 1 20rem;min-width:0";
  const right = element("div");
  right.style.cssText = "flex:0 1 22rem;min-width:0";
  place.append(left, right);
  api.root.append(place);
  const plot = makePlot(left, { x: [-1.2, 4.2], y: [-2.8, 2.2], label: "Three vectors, their values and their new vectors", ratio: 0.72, tallest: 380, ticks: [6, 4] });
  const triangle = plot.inside.append("path").style("fill", "var(--first)").attr("opacity", 0.08);
  const lines = plot.inside.append("g").style("stroke", "var(--second)").attr("stroke-linecap", "round");
  const values = plot.inside.append("g");
  const news = plot.inside.append("g");
  const labels = plot.above.append("g");
  const handles = [0, 1, 2].map((number) => makeHandle(plot, {
    label: ["tall", "man", "runs"][number], step: 0.05, bounds: { x: [-1, 2], y: [-1, 2] },
    move: ({ x, y }) => api.set({ points: api.values.points.map((point, i) => (i === number ? [round(x), round(y)] : point)) }),
  }));
  const table = element("table", "hand-table");
  right.append(table);
  const round = (value) => Math.round(value * 20) / 20;

  function update(frame, { points }) {
    plot.fit();
    const at = ([x, y]) => `${plot.x(x)},${plot.y(y)}`;
    triangle.attr("d", `M${frame.values.map(at).join("L")}Z`);
    lines.selectAll("line").data(frame.values).join("line").attr("x1", plot.x(frame.new[2][0])).attr("y1", plot.y(frame.new[2][1]))
      .attr("x2", ([x]) => plot.x(x)).attr("y2", ([, y]) => plot.y(y)).attr("stroke-width", (_, i) => 0.5 + 9 * frame.weights[2][i]).attr("opacity", 0.55);
    values.selectAll("rect").data(frame.values).join("rect").attr("x", ([x]) => plot.x(x) - 9).attr("y", ([, y]) => plot.y(y) - 9).attr("width", 18).attr("height", 18).style("fill", "var(--first)");
    news.selectAll("path").data(frame.new).join("path").attr("d", "M0,-9L9,0L0,9L-9,0Z").attr("transform", (point) => `translate(${at(point)})`)
      .style("fill", (_, i) => (i === 2 ? "var(--second)" : "var(--card)")).style("stroke", "var(--second)").attr("stroke-width", 2);
    const told = [
      ...points.map(([x, y], i) => ({ x, y, text: frame.names[i], dy: -16 })),
      ...frame.values.map(([x, y], i) => ({ x, y, text: `value of ${frame.names[i]}`, dy: i === 0 ? -10 : 20 })),
      { x: frame.new[2][0], y: frame.new[2][1], text: "new runs", dy: -14 },
    ];
    labels.selectAll("text").data(told).join("text").attr("class", (_, i) => (i < 3 ? "told" : "told small")).each(function one({ x, y, text, dy }) {
      placeLabel(select(this), plot, plot.x(x), plot.y(y) + dy, text, 4);
    });
    handles.forEach((handle, i) => handle.show(points[i][0], points[i][1]));
    table.innerHTML = `<caption style="text-align:left;color:var(--soft);padding-bottom:.3rem">score ÷ √2, and the <b>weight</b></caption><tr><td></td>${frame.names.map((name) => `<th scope="col">${name}</th>`).join("")}<th scope="col">new</th></tr>`
      + frame.names.map((name, i) => `<tr><th scope="row">${name}</th>${frame.weights[i].map((weight, j) => (j > i ? '<td style="color:var(--soft);font-size:.85em">–</td>'
        : `<td style="background:color-mix(in srgb, var(--first) ${Math.round(45 * weight)}%, transparent)"><span data-number="scaled${i}_${j + 1}">${format(frame.scaled[i][j], 3)}</span><br><b data-number="weight${i}_${j + 1}">${format(Math.round(1000 * weight) / 1000, 3)}</b></td>`)).join("")}<td>${frame.new[i].map((value, c) => `<span data-number="new${i}_${c + 1}">${format(Math.round(100 * value) / 100, 3)}</span>`).join("<br>")}</td></tr>`).join("");
  }

  return { update };
}

const KINDS = ["var(--first)", "var(--second)", "var(--third)"];

// One word in many sentences: a dot each, which moves from block to block.
function drawLead(api) {
  const plot = makePlot(api.root, { x: [-1, 1], y: [-1, 1], label: "One word's vector in many sentences", ratio: 0.5, tallest: 380, margin: { left: 14, bottom: 30 }, ticks: [0, 0] });
  const dots = plot.inside.append("g");
  const names = plot.above.append("g");
  const told = plot.above.append("text").attr("class", "told").attr("text-anchor", "middle");
  let shown = null;

  function update(frame, { block }) {
    const level = Math.min(block, frame.places.length - 1);
    const all = frame.places.flat();
    const most = Math.max(...all.flat().map(Math.abs)) * 1.12;
    const flat = Math.max(...all.map(([, y]) => Math.abs(y))) * 1.35;
    plot.fit({ x: [-most, most], y: [-flat, flat] });
    const same = shown === frame.word;
    shown = frame.word;
    const marks = dots.selectAll("circle").data(frame.dots).join("circle").attr("tabindex", 0).style("cursor", "pointer")
      .attr("r", ({ meaning }) => (meaning === null ? 10 : 7)).attr("role", "img").attr("aria-label", ({ sentence }) => sentence)
      .style("fill", ({ meaning }) => (meaning === null ? "var(--page)" : KINDS[meaning])).style("stroke", ({ meaning }) => (meaning === null ? "var(--mark)" : "var(--page)"))
      .attr("stroke-width", ({ meaning }) => (meaning === null ? 4 : 1.5)).attr("opacity", 0.9)
      .on("pointerenter focus", (_, dot) => { told.text(dot.sentence).attr("x", (plot.x(-most) + plot.x(most)) / 2).attr("y", 26); })
      .on("pointerleave blur", () => told.text(""));
    const moved = same && !api.isCalm ? marks.transition().duration(700).ease(easeCubicInOut) : marks;
    moved.attr("cx", (_, i) => plot.x(frame.places[level][i][0])).attr("cy", (_, i) => plot.y(frame.places[level][i][1]));
    const spread = level > 0;
    const groups = frame.meanings.map((meaning, kind) => {
      const own = frame.places[level].filter((_, i) => frame.dots[i].meaning === kind);
      return { text: meaning, kind, x: mean(own.map(([x]) => x)), y: Math.max(...own.map(([, y]) => y)) };
    });
    const half = (text) => Math.max(70, 3.7 * text.length);
    names.selectAll("text").data(spread ? groups : [{ text: `“${frame.word}” in all sentences: one vector`, kind: -1, ...point(frame.places[0][0]) }]).join("text")
      .attr("class", "told").attr("text-anchor", "middle").text(({ text }) => text).style("fill", ({ kind }) => KINDS[kind] ?? "var(--ink)")
      .attr("x", ({ x, text }) => Math.min(plot.x(most) - half(text), Math.max(plot.x(-most) + half(text), plot.x(x)))).attr("y", ({ y }) => Math.max(48, plot.y(y) - 18));
    const [alike, different] = frame.alike[level];
    const where = level === 0 ? "In the embedding" : `After block ${level}`;
    const says = `${where}, two “${frame.word}” of the same meaning have a cosine of ${format(alike, 2)}, two of different meanings ${format(different, 2)}. ${frame.note}`.trim();
    api.say(says);
  }

  return { update, local: ["block"], pace: 1 };
}

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const point = ([x, y]) => ({ x, y });

// Eight weights as bars; the axis stays from 0 to 1.
function drawScale(api) {
  const plot = makePlot(api.root, { x: [0.4, 8.6], y: [0, 1], label: "The weights of eight keys", xLabel: "key", yLabel: "weight", ratio: 0.42, tallest: 300, ticks: [8, 5] });
  const bars = plot.inside.append("g");
  const even = plot.inside.append("line").attr("class", "limit");
  const scores = plot.above.append("g");

  function update(frame) {
    plot.fit();
    const width = (plot.x(2) - plot.x(1)) * 0.62;
    const rects = bars.selectAll("rect").data(frame.weights).join((enter) => enter.append("rect").attr("y", plot.y(0)).attr("height", 0));
    rects.attr("data-number", (_, i) => `w${i + 1}`).attr("x", (_, i) => plot.x(i + 1) - width / 2).attr("width", width).attr("rx", 3).style("fill", "var(--first)");
    (api.isCalm ? rects : rects.transition().duration(160).ease(easeCubicOut)).attr("y", (weight) => plot.y(weight)).attr("height", (weight) => plot.y(0) - plot.y(weight));
    even.attr("x1", plot.x(0.4)).attr("x2", plot.x(8.6)).attr("y1", plot.y(1 / 8)).attr("y2", plot.y(1 / 8));
    scores.selectAll("text").data(frame.scores).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("data-number", (_, i) => `s${i + 1}`)
      .attr("x", (_, i) => plot.x(i + 1)).attr("y", (_, i) => Math.max(24, plot.y(frame.weights[i]) - 8)).text((score) => format(score, 2));
  }

  return { update };
}

// From top to bottom: a token's vector, its queries, the keys and values of all tokens, each head's weights and result, the new vector.
function drawHeads(api) {
  const svg = select(api.root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The heads of one token");
  const lines = svg.append("g").attr("stroke-linecap", "round");
  const columns = svg.append("g"); // behind the cells, which open
  const cells = svg.append("g");
  const frames = svg.append("g").attr("fill", "none").style("stroke", "var(--soft)");
  const bars = svg.append("g");
  const names = svg.append("g");
  let hovered = null;
  let frame = null;
  svg.on("pointermove", ({ clientX, clientY }) => {
    const inside = (node) => { const box = node.getBoundingClientRect(); return box.left <= clientX && clientX < box.right && box.top <= clientY && clientY < box.bottom; };
    const at = columns.selectAll("rect").nodes().findIndex(inside);
    point(at < 0 ? null : at);
  }).on("pointerleave", () => point(null));

  function update(next) {
    frame = next;
    if (hovered !== null && hovered >= frame.queries.length) hovered = null;
    draw();
  }

  function draw() {
    const colours = readColours();
    const wide = Math.max(api.root.clientWidth, 260);
    const [count, tokens] = [frame.queries.length, frame.tokens.length];
    const [channels, width] = [frame.x.length, frame.queries[0].length];
    const gap = 10;
    const size = (wide - gap * 7) / channels; // as for eight heads: a cell keeps its width
    const tall = { cell: 18, row: 9, bar: 34, name: 22, lines: 30 };
    const start = (wide - channels * size - gap * (count - 1)) / 2;
    const left = (head) => start + head * (width * size + gap);
    const middle = (head) => left(head) + (width * size) / 2;
    const whole = (wide - channels * size) / 2;
    const at = {};
    let y = 0;
    for (const [part, high, before] of [
      ["x", tall.cell, tall.name], ["queries", tall.cell, tall.name + 6], ["keys", tall.row * tokens, tall.lines + tall.name], ["values", tall.row * tokens, 6],
      ["weights", tall.bar, tall.lines + tall.name], ["results", tall.cell, 3], ["new", tall.cell, tall.name + 6],
    ]) { y += before; at[part] = y; y += high; }
    svg.attr("viewBox", `0 0 ${wide} ${y + 4}`).attr("height", y + 4);

    const chosen = (head) => hovered === null || hovered === head;
    const row = (part, name, numbers, x, top, high, lit = true) => numbers.map((value, i) => ({ value, part, number: `${name}${i + 1}`, x: x + i * size, y: top, high, lit }));
    const all = [
      ...row("x", "x", frame.x, whole, at.x, tall.cell),
      ...frame.queries.flatMap((numbers, head) => row("queries", `h${head}q`, numbers, left(head), at.queries, tall.cell, chosen(head))),
      ...["keys", "values"].flatMap((part) => frame[part].flatMap((rows, head) => rows.flatMap((numbers, token) => row(part, `h${head}${part === "keys" ? "k" : "value"}${token + 1}_`, numbers, left(head), at[part] + token * tall.row, tall.row, chosen(head))))),
      ...frame.results.flatMap((numbers, head) => row("results", `h${head}new`, numbers, left(head), at.results, tall.cell, chosen(head))),
      ...row("new", "new", frame.new, whole, at.new, tall.cell),
    ];
    const most = Object.fromEntries(Object.keys(at).map((part) => [part, Math.max(...all.filter((cell) => cell.part === part).map(({ value }) => Math.abs(value)), 1e-9)]));
    cells.selectAll("rect").data(all).join("rect").attr("data-number", ({ number }) => number).attr("x", ({ x }) => x + 0.4).attr("y", (cell) => cell.y + 0.4).attr("width", size - 0.8).attr("height", ({ high }) => high - 0.8)
      .style("fill", ({ value, part }) => signed(value, most[part], colours)).attr("opacity", ({ lit }) => (lit ? 1 : 0.16));
    const boxes = [
      { x: whole, y: at.x, wide: channels * size, high: tall.cell, lit: true }, { x: whole, y: at.new, wide: channels * size, high: tall.cell, lit: true },
      ...["queries", "results"].flatMap((part) => frame.queries.map((_, head) => ({ x: left(head), y: at[part], wide: width * size, high: tall.cell, lit: chosen(head) }))),
      ...["keys", "values"].flatMap((part) => frame[part].map((_, head) => ({ x: left(head), y: at[part], wide: width * size, high: tall.row * tokens, lit: chosen(head) }))),
    ];
    frames.selectAll("rect").data(boxes).join("rect").attr("x", ({ x }) => x - 1).attr("y", (box) => box.y - 1).attr("width", (box) => box.wide + 2).attr("height", ({ high }) => high + 2)
      .attr("rx", 3).attr("opacity", ({ lit }) => (lit ? 0.8 : 0.25));
    const ends = [[at.queries + tall.cell + 3, at.keys - tall.name + 2], [at.values + tall.row * tokens + 3, at.weights - tall.name + 2]];
    lines.selectAll("line").data(frame.queries.flatMap((_, head) => ends.map(([top, bottom]) => ({ head, top, bottom })))).join("line")
      .attr("x1", ({ head }) => middle(head)).attr("x2", ({ head }) => middle(head)).attr("y1", ({ top }) => top).attr("y2", ({ bottom }) => bottom)
      .style("stroke", ({ head }) => (hovered === head ? "var(--mark)" : "var(--soft)")).attr("stroke-width", ({ head }) => (hovered === head ? 3 : 1.5)).attr("opacity", ({ head }) => (chosen(head) ? 0.9 : 0.2));
    const step = (width * size) / tokens;
    bars.selectAll("rect").data(frame.weights.flatMap((weights, head) => weights.map((weight, token) => ({ weight, head, token, x: left(head) + token * step })))).join("rect")
      .attr("data-number", ({ head, token }) => `h${head}w${token + 1}`)
      .attr("x", ({ x }) => x + step * 0.12).attr("width", step * 0.76).attr("y", ({ weight }) => at.weights + tall.bar * (1 - weight)).attr("height", ({ weight }) => Math.max(0.8, tall.bar * weight))
      .style("fill", "var(--second)").attr("opacity", ({ head }) => (chosen(head) ? 1 : 0.16));
    const last = frame.tokens.at(-1);
    const told = [
      [at.x, `the vector of “${last}”: C = ${channels} numbers`],
      [at.queries, count === 1 ? `one query: ${width} numbers` : `queries: H = ${count} heads, d = ${width} numbers each`],
      [at.keys, `keys (above) and values (below) of all ${tokens} tokens`],
      [at.weights, "weights of each head, and its result"],
      [at.new, "all results, joined and mixed: the new vector"],
    ];
    names.selectAll("text").data(told).join("text").attr("class", "told small").attr("x", wide / 2).attr("text-anchor", "middle").attr("y", ([top]) => top - 7).text(([, text]) => text);
    columns.selectAll("rect").data(frame.queries).join((enter) => enter.append("rect").attr("role", "button").attr("tabindex", 0).style("fill", "transparent").style("outline", "none")
      .on("focus", (event) => point(columns.selectAll("rect").nodes().indexOf(event.currentTarget))).on("blur", () => point(null)))
      .attr("aria-label", (_, head) => `head ${head + 1}`).attr("x", (_, head) => left(head) - gap / 2).attr("width", width * size + gap).attr("y", at.queries).attr("height", at.results + tall.cell - at.queries);
    if (hovered === null) api.say(frame.says);
    else api.say(`Head ${hovered + 1} of “${last}” takes ${frame.weights[hovered].map((weight, token) => `${wholePercent(weight)} ${frame.tokens[token]}`).join(", ")}.`);
  }

  function point(head) {
    if (head === hovered) return;
    hovered = head;
    draw();
  }

  return { update };
}

export const drawings = { words: whenReady(drawWords), hand: drawHand, lead: whenReady(drawLead), scale: drawScale, heads: drawHeads };
