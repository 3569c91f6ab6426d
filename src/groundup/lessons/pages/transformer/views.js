// Draws a whole GPT, positions that turn pairs of numbers, a vector on its way through a block, two trainings, and one score of attention to its last product.
import { easeCubicOut, select } from "/static/vendor/d3.js";

import { readColours, signed } from "/static/views/colours.js";
import { element, format, makePair, percent } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";
import { makeScroller } from "/static/views/scroller.js";
import { showToken, whenReady } from "/static/views/waiting.js";

// Rows are tokens, from left to right: embedding, block after block, and the next token's probabilities.
function drawPath(api) {
  const scroller = makeScroller(api.root);
  const svg = select(scroller).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The whole way through the model");
  const layers = Object.fromEntries(["wires", "curves", "strips", "boxes", "words", "lens", "bars"].map((name) => [name, svg.append("g")]));
  layers.curves.attr("fill", "none").style("stroke", "var(--second)");
  let hovered = null;
  let frame = null;

  function update(next) {
    frame = next;
    if (hovered !== null && hovered >= frame.tokens.length) hovered = null;
    draw();
  }

  const listOff = () => [
    ...(frame.off.positions ? ["positions"] : []),
    ...frame.off.heads.map(([layer, head]) => `head ${layer}.${head}`),
    ...frame.weights.flatMap((_, i) => (isOff(i) ? [`block ${i + 1}`] : [])),
  ];
  const isOff = (i) => frame.off.attention.includes(i + 1) && frame.off.feed_forward.includes(i + 1);
  const toggle = (name) => {
    const all = listOff();
    api.set({ off: (all.includes(name) ? all.filter((item) => item !== name) : [...all, name]).join(", ") });
  };

  function draw() {
    const colours = readColours();
    const count = frame.tokens.length;
    const blocks = frame.weights.length;
    const heads = frame.weights[0].length;
    const row = count > 12 ? 17 : 22;
    const top = 74;
    const left = 66;
    const strip = 42;
    const bars = 150;
    // Where the bars have no room beside the blocks, they stand below.
    const below = scroller.clientWidth < left + strip + blocks * 84 + bars + 16;
    const wide = Math.max(scroller.clientWidth, left + strip + blocks * 84 + 16);
    const step = (wide - left - strip - (below ? 6 : bars + 12)) / blocks;
    const floor = top + count * row;
    const barTop = below ? floor + 112 : top + 10;
    const high = below ? barTop + frame.next.length * 24 : floor + 84;
    const y = (i) => top + i * row + row / 2;
    const stripX = (level) => left + level * step;
    svg.attr("viewBox", `0 0 ${wide} ${high}`).attr("height", high).style("width", `${wide}px`);
    const query = hovered ?? frame.token;

    layers.wires.selectAll("line").data(frame.tokens).join("line").attr("x1", left).attr("x2", stripX(blocks) + strip)
      .attr("y1", (_, i) => y(i)).attr("y2", (_, i) => y(i)).style("stroke", (_, i) => (i === query ? "var(--second)" : "var(--line)")).attr("stroke-width", (_, i) => (i === query ? 2 : 1.2));

    const most = Math.max(...frame.strips.flat(2).map(Math.abs)) * 0.6;
    const cells = frame.strips[0][0].length;
    const cell = strip / cells;
    layers.strips.selectAll("rect").data(frame.strips.flatMap((rows, level) => rows.flatMap((vector, i) => vector.map((value, c) => ({ value, x: stripX(level) + c * cell, y: y(i) })))))
      .join("rect").attr("x", ({ x }) => x).attr("y", (d) => d.y - row * 0.34).attr("width", cell + 0.2).attr("height", row * 0.68).style("fill", ({ value }) => signed(value, most, colours));

    // Attention: from each earlier token to the chosen one, strong by the mean weight of the heads that are on.
    const curves = [];
    frame.weights.forEach((all, i) => {
      if (frame.off.attention.includes(i + 1)) return;
      const on = all.filter((_, h) => !frame.off.heads.some(([layer, head]) => layer === i + 1 && head === h + 1));
      if (!on.length) return;
      const from = stripX(i) + strip + 4;
      const to = from + (step - strip) * 0.56;
      for (let key = 0; key <= query; key += 1) {
        const weight = on.reduce((sum, one) => sum + one[query][key], 0) / on.length;
        if (weight > 0.01) curves.push({ weight, d: `M${from},${y(key)} C${(from + to) / 2},${y(key)} ${(from + to) / 2},${y(query)} ${to},${y(query)}` });
      }
    });
    layers.curves.selectAll("path").data(curves).join("path").attr("d", ({ d }) => d).attr("stroke-width", ({ weight }) => 0.8 + 7 * weight).attr("opacity", ({ weight }) => 0.3 + 0.6 * weight);

    // The feed-forward: one node per token, as large as what it adds.
    const largest = Math.max(...frame.added.flatMap(([, fed]) => fed), 1e-9);
    layers.boxes.selectAll("circle").data(frame.added.flatMap(([, fed], i) => fed.map((size, j) => ({ size, x: stripX(i) + strip + (step - strip) * 0.8, y: y(j), j })))).join("circle")
      .attr("cx", ({ x }) => x).attr("cy", (d) => d.y).attr("r", ({ size }) => 1 + (row * 0.36 * size) / largest).style("fill", ({ j }) => (j === query ? "var(--second)" : "var(--third)")).attr("opacity", ({ size }) => (size ? 0.85 : 0.25));

    const buttons = [];
    frame.weights.forEach((all, i) => {
      const x = stripX(i) + strip + 2;
      buttons.push({ kind: "block", name: `block ${i + 1}`, x, y: 6, width: step - 6, height: 20, off: isOff(i), text: `block ${i + 1}` });
      const columns = Math.min(heads, Math.max(2, Math.floor((step - strip - 4) / 22)));
      const size = Math.min(heads > columns ? 20 : 38, (step - strip - 4) / columns - 2);
      all.forEach((weights, h) => {
        const off = frame.off.attention.includes(i + 1) || frame.off.heads.some(([layer, head]) => layer === i + 1 && head === h + 1);
        if (h < columns * 2) buttons.push({ kind: "head", name: `head ${i + 1}.${h + 1}`, x: x + (h % columns) * (size + 2), y: 30 + Math.floor(h / columns) * (size + 2), width: size, height: size, off, weights });
      });
    });
    const item = layers.boxes.selectAll("g.part").data(buttons, ({ name }) => name).join((enter) => {
      const group = enter.append("g").attr("class", "part").attr("role", "switch").attr("tabindex", 0).style("cursor", "pointer");
      group.append("rect").attr("class", "frame").attr("rx", 4);
      group.append("g").attr("class", "map");
      group.append("text").attr("text-anchor", "middle").style("font-size", "12px").style("font-weight", 600);
      group.append("title");
      return group;
    }).attr("aria-checked", ({ off }) => !off).attr("aria-label", ({ name }) => name).attr("transform", (d) => `translate(${d.x},${d.y})`)
      .on("click", (_, { name }) => toggle(name)).on("keydown", (event, { name }) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(name); } });
    item.select(".frame").attr("width", ({ width }) => width).attr("height", ({ height }) => height).style("fill", ({ off }) => (off ? "transparent" : "var(--page)")).style("stroke", ({ off }) => (off ? "var(--bad)" : "var(--line)")).style("stroke-dasharray", ({ off }) => (off ? "3 3" : "none"));
    item.select("title").text(({ name, off }) => `${name}: ${off ? "off" : "on"}`);
    item.select("text").attr("x", ({ width }) => width / 2).attr("y", 14).style("fill", ({ off }) => (off ? "var(--bad)" : "var(--ink)")).style("text-decoration", ({ off }) => (off ? "line-through" : "none")).text(({ text }) => text ?? "");
    item.select(".map").attr("opacity", ({ off }) => (off ? 0.12 : 1)).each(function one({ weights, width }) {
      const dots = weights ? weights.flatMap((line, i) => line.map((weight, j) => ({ weight, i, j }))).filter(({ weight }) => weight > 0.05) : [];
      const small = width / count;
      select(this).selectAll("rect").data(dots).join("rect").attr("x", ({ j }) => j * small).attr("y", ({ i }) => i * small).attr("width", small).attr("height", small).style("fill", "var(--first)").attr("opacity", ({ weight }) => weight);
    });

    const names = layers.words.selectAll("g.token").data(frame.tokens).join((enter) => {
      const group = enter.append("g").attr("class", "token").attr("role", "button").attr("tabindex", 0).style("cursor", "pointer").style("outline", "none");
      group.append("rect").attr("rx", 4).attr("x", 2).attr("width", left - 6);
      group.append("text").attr("class", "name").attr("text-anchor", "end").attr("x", 36).style("font", "13px ui-monospace,monospace");
      group.append("text").attr("class", "number").attr("text-anchor", "end").attr("x", left - 8).style("font-size", "9.5px");
      group.on("pointerenter focus", (event) => { hovered = index(event.currentTarget); draw(); }).on("pointerleave blur", () => { hovered = null; draw(); })
        .on("click", (event) => api.set({ token: index(event.currentTarget) + 1 }))
        .on("keydown", (event) => { if (event.key === "Enter") api.set({ token: index(event.currentTarget) + 1 }); });
      return group;
    }).attr("aria-description", (_, i) => `token ${i + 1}`);
    names.select("rect").attr("y", (_, i) => y(i) - row / 2 + 1).attr("height", row - 2).style("fill", (_, i) => (i === query ? "var(--second)" : "transparent"));
    names.select(".name").attr("y", (_, i) => y(i) + 4).style("fill", (_, i) => (i === query ? "var(--page)" : "var(--ink)")).text((name) => showToken(name).slice(0, 5));
    names.select(".number").attr("y", (_, i) => y(i) + 3.5).style("fill", (_, i) => (i === query ? "var(--page)" : "var(--soft)")).text((_, i) => frame.numbers[i]);

    // Heads of columns, and under each strip what the model would say there: the logit lens.
    const told = [
      { x: 6, y: 60, text: "tokens", kind: "soft" }, { x: stripX(0) - 5, y: 60, text: "vectors", kind: "soft" },
      { x: below ? 4 : stripX(blocks) + strip + 12, y: below ? floor + 88 : 20, text: "next token", kind: "strong" },
      { x: 4, y: floor + 18, text: "guess", kind: "soft" }, { x: 4, y: floor + 32, text: "so far", kind: "soft" },
      ...frame.lens.flatMap((guesses, level) => guesses.map(({ text, p }, i) => ({ x: stripX(level) + strip / 2, y: floor + 20 + i * 18, number: `p${level}_${i + 1}`, text: `${showToken(text)} ${percent(p)}`, kind: i ? "mid" : "midstrong" }))),
    ];
    layers.lens.selectAll("text").data(told).join("text").attr("data-number", ({ number }) => number ?? null).attr("x", ({ x }) => x).attr("y", (d) => d.y).attr("text-anchor", ({ kind }) => (kind.startsWith("mid") ? "middle" : "start"))
      .style("font-size", "12px").style("font-weight", ({ kind }) => (kind.endsWith("strong") ? 650 : 400)).style("fill", ({ kind }) => (kind.endsWith("strong") ? "var(--ink)" : "var(--soft)")).text(({ text }) => text);

    const barLeft = below ? left : stripX(blocks) + strip + 46;
    const line = layers.bars.selectAll("g").data(frame.next).join((enter) => {
      const group = enter.append("g");
      group.append("text").attr("class", "name").attr("text-anchor", "end").attr("x", -6).attr("y", 4).style("font", "13px ui-monospace,monospace").style("fill", "var(--ink)");
      group.append("rect").attr("class", "bar").attr("y", -7).attr("height", 14).attr("rx", 3).style("fill", "var(--first)");
      group.append("text").attr("class", "share").attr("y", 4);
      return group;
    }).attr("data-number", (_, i) => `pnext${i + 1}`).attr("transform", (_, i) => `translate(${barLeft},${barTop + i * 24})`);
    line.select(".name").text(({ text }) => showToken(text).slice(0, 5));
    const scale = (p) => p * (wide - barLeft - 46);
    line.select(".bar").transition().duration(api.isCalm ? 0 : 200).ease(easeCubicOut).attr("width", ({ p }) => scale(p));
    line.select(".share").attr("x", ({ p }) => scale(p) + 5).text(({ p }) => percent(p));
  }

  function index(node) { return layers.words.selectAll("g.token").nodes().indexOf(node); }

  return { update };
}

// Left: a circle for each pair of channels, with a hand for the key and one for the query. Right: their score by distance.
function drawTurning(api) {
  const [left, right] = makePair(api.root);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The pairs of a key and a query, turned by their positions");
  const layers = Object.fromEntries(["rings", "sectors", "hands", "tips", "words"].map((name) => [name, svg.append("g")]));
  const plot = makePlot(right, { x: [0, 24], y: [-4, 4.4], label: "The score by the distance of the two tokens", xLabel: "distance (query − key)", yLabel: "score", ratio: 0.72, lowest: 250, tallest: 310, ticks: [6, 5] });
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
    const tip = (i, [x, y]) => [middle(i)[0] + radius * x, middle(i)[1] - radius * y];
    const pairs = frame.key.map((key, i) => ({ i, key: tip(i, key), query: tip(i, frame.query[i]), left: frame.query[i][0] * key[1] - frame.query[i][1] * key[0] > 0 }));
    layers.rings.selectAll("circle").data(pairs).join("circle").attr("cx", ({ i }) => middle(i)[0]).attr("cy", ({ i }) => middle(i)[1]).attr("r", radius).style("fill", "var(--page)").style("stroke", "var(--line)").attr("stroke-width", 1.4);
    // The angle between the two hands, the short way round.
    layers.sectors.selectAll("path").data(pairs).join("path").attr("d", ({ i, key, query, left: back }) => `M${middle(i)} L${query} A${radius},${radius} 0 0 ${back ? 0 : 1} ${key} Z`).style("fill", "var(--third)").attr("opacity", 0.2);
    // The key's hand is the thicker one, so that both are seen where they point the same way.
    const hands = pairs.flatMap(({ i, key, query }) => [{ i, to: key, colour: "--second" }, { i, to: query, colour: "--first" }]);
    layers.hands.selectAll("line").data(hands).join("line").attr("x1", ({ i }) => middle(i)[0]).attr("y1", ({ i }) => middle(i)[1]).attr("x2", ({ to }) => to[0]).attr("y2", ({ to }) => to[1]).attr("stroke-width", (_, n) => (n % 2 ? 2.4 : 5.5)).attr("stroke-linecap", "round").style("stroke", ({ colour }) => `var(${colour})`);
    layers.tips.selectAll("circle").data(hands).join("circle").attr("cx", ({ to }) => to[0]).attr("cy", ({ to }) => to[1]).attr("r", (_, n) => (n % 2 ? 4 : 6.5)).style("fill", ({ colour }) => `var(${colour})`);
    const words = pairs.flatMap(({ i }) => [
      { x: middle(i)[0], y: middle(i)[1] - radius - 9, text: `pair ${i + 1}: ${Math.round(frame.degrees[i])}° per position`, kind: "told small" },
      { x: middle(i)[0], y: middle(i)[1] + radius + 16, number: `m${i + 1}`, text: format(Math.round(100 * frame.products[i]) / 100, 2), kind: "told" },
    ]);
    layers.words.selectAll("text").data(words).join("text").attr("data-number", ({ number }) => number ?? null).attr("class", ({ kind }) => kind).attr("text-anchor", "middle").attr("x", ({ x }) => x).attr("y", (d) => d.y).text(({ text }) => text);
    plot.fit();
    zero.attr("x1", plot.x(0)).attr("x2", plot.x(24)).attr("y1", plot.y(0)).attr("y2", plot.y(0));
    curve.attr("d", tracePath(plot, frame.curve));
    handle.show(...frame.curve[api.values.apart]);
  }

  return { update, pace: 5 };
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

// Left: the boxes of a block, from top to bottom, beside the stream. Right: what the chosen box reads and returns.
function drawFollow(api) {
  const [left, right] = makePair(api.root);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The boxes of a block");
  const stream = svg.append("line").style("stroke", "var(--second)").attr("stroke-width", 4);
  const wires = svg.append("g").attr("fill", "none").style("stroke", "var(--soft)").attr("stroke-width", 1.6);
  const boxes = svg.append("g");
  const detail = select(right).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "What the box reads and returns");
  const layers = Object.fromEntries(["cells", "heads", "words"].map((name) => [name, detail.append("g")]));

  function update(frame) {
    const pair = left.parentElement; // on a phone the boxes stand above
    pair.style.gridTemplateColumns = pair.clientWidth < 460 ? "minmax(0, 1fr)" : "11rem minmax(0, 1fr)";
    const [wide, row] = [Math.max(160, left.clientWidth), 46];
    const [spine, middle, width] = [16, 100, 114];
    const y = (i) => 34 + i * row;
    svg.attr("viewBox", `0 0 ${wide} ${y(6)}`).attr("height", y(6));
    stream.attr("x1", spine).attr("x2", spine).attr("y1", 4).attr("y2", y(6) - 4);
    // The stream goes straight on; norm and part stand on a way beside it, which comes back at the plus.
    wires.selectAll("path").data([0, 3]).join("path").attr("d", (i) => `M${spine},${y(i) - 24}H${middle}V${y(i + 2)}H${spine + 12}`);
    const item = boxes.selectAll("g").data(frame.boxes).join((enter) => {
      const group = enter.append("g").attr("role", "button").attr("tabindex", 0).style("cursor", "pointer");
      group.append("rect").attr("rx", 7).attr("height", 30).attr("y", -15).attr("stroke-width", 2);
      group.append("text").attr("text-anchor", "middle").attr("y", 5).style("font-size", "13.5px").style("font-weight", 600);
      const choose = (event) => { api.pause(); api.set({ box: boxes.selectAll("g").nodes().indexOf(event.currentTarget) + 1 }); };
      group.on("click", choose).on("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(event); } });
      return group;
    }).attr("aria-label", (name, i) => `box ${i + 1}: ${name === "+" ? "add" : name}`).attr("aria-pressed", (_, i) => i === frame.box)
      .attr("transform", (name, i) => `translate(${name === "+" ? spine : middle},${y(i)})`);
    item.select("rect").attr("x", (name) => (name === "+" ? -13 : -width / 2)).attr("width", (name) => (name === "+" ? 26 : width))
      .style("fill", (_, i) => (i === frame.box ? "var(--second)" : "var(--page)")).style("stroke", (_, i) => (i === frame.box ? "var(--second)" : "var(--soft)"));
    item.select("text").style("fill", (_, i) => (i === frame.box ? "var(--page)" : "var(--ink)")).text((name) => name);

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
    const high = Math.max(top, pair.clientWidth < 460 ? 230 : y(6));
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

export const drawings = { path: whenReady(drawPath), turning: drawTurning, follow: whenReady(drawFollow), ablation: drawAblation, zoom: whenReady(drawZoom), experts: drawExperts };
