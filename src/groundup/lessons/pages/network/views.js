// Draws a network that learns a border, with a map inside of every node, and a hidden layer that bends the plane.
import { line, pointer, select } from "/static/vendor/d3.js";

import { mix, readColours, signed } from "/static/views/colours.js";
import { bend, makeDiagram, showTexts, thick } from "/static/views/diagram.js";
import { button, element, format, makeLine } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

const REACH = 3;

// Paints one small square picture, `side` × `side` cells, and returns it as an address.
function makePainter(side) {
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  return (cells, colour) => {
    for (let place = 0; place < side * side; place += 1) {
      context.fillStyle = colour(cells[place]);
      context.fillRect(place % side, Math.floor(place / side), 1, 1);
    }
    return canvas.toDataURL();
  };
}

function drawBorder(api) {
  const parts = element("div", "pair network-parts");
  const [left, right] = [element("div"), element("div")];
  parts.append(left, right);
  api.root.append(parts);
  const diagram = makeDiagram(left, "The network: inputs, hidden nodes and two outputs");
  const wires = diagram.back.append("g");
  const nodes = diagram.front.append("g");
  const notes = diagram.front.append("g");
  const reach = diagram.front.insert("g", "g").attr("aria-hidden", "true"); // the keys choose a line below the picture
  const descents = diagram.back.append("g");
  const lines = makeWeights(left, api);
  const plot = makePlot(right, {
    x: [-REACH, REACH], y: [-REACH, REACH], label: "The plane with the points and the border", ratio: 1, tallest: 360, ticks: [5, 5],
    margin: { top: 8, right: 8, bottom: 24, left: 30 },
  });
  const picture = plot.inside.append("image").attr("preserveAspectRatio", "none");
  const edge = plot.inside.append("path").attr("class", "edge");
  const dots = plot.inside.append("g");
  const own = plot.above.append("g");
  const coarse = makePainter(15);
  const fine = makePainter(45);
  let brush = 1;
  let looked = null; // the node whose map the plane shows

  const choose = element("fieldset", "control choice brush");
  choose.append(element("legend", "name", "click adds"));
  for (const [label, word] of [[0, "orange"], [1, "blue"]]) {
    const place = element("label");
    const input = element("input");
    input.type = "radio";
    input.name = "brush";
    input.checked = label === brush;
    input.addEventListener("change", () => { brush = label; });
    place.append(input, element("span", "", word));
    choose.append(place);
  }
  right.append(choose);

  const round = (value) => Math.round(Math.min(REACH, Math.max(-REACH, value)) * 50) / 50;
  const add = (x, y) => {
    if (api.values.points.length < 100) api.set({ points: [...api.values.points, [round(x), round(y), brush]] });
  };
  const remove = (place) => api.set({ points: api.values.points.filter((_, other) => other !== place) });
  plot.svg.style("cursor", "crosshair").on("click", (event) => {
    if (event.target.closest(".own, .handle")) return;
    const [x, y] = pointer(event, plot.svg.node()).map((value, axis) => (axis ? plot.y : plot.x).invert(value));
    if (Math.abs(x) <= REACH && Math.abs(y) <= REACH) add(x, y);
  });
  const cursor = { x: 0, y: 0 };
  const handle = makeHandle(plot, {
    label: "place for a new point; Enter adds it", step: 0.1, kind: "cursor", radius: 6,
    move: ({ x, y }) => { Object.assign(cursor, { x, y }); handle.show(x, y); },
  });
  handle.group.on("keydown.add", (event) => { if (event.key === "Enter") add(cursor.x, cursor.y); });

  const paintBorder = (frame, colours) => fine(frame.border, (share) => mix(colours.card, share >= 50 ? colours.first : colours.second, 0.05 + (Math.abs(share - 50) / 50) * 0.45));
  const paintNode = (cells, colours) => coarse(cells, (value) => signed(value * 0.8, 100, colours));

  function update(frame) {
    const colours = readColours();
    const [zero, one] = [colours.second, colours.first];
    plot.fit();
    const cells = looked && frame.maps[looked.layer]?.[looked.node];
    picture.attr("x", plot.x(-REACH)).attr("y", plot.y(REACH)).attr("width", plot.x(REACH) - plot.x(-REACH)).attr("height", plot.y(-REACH) - plot.y(REACH))
      .attr("href", cells ? paintNode(cells, colours) : paintBorder(frame, colours));
    edge.attr("d", cells ? "" : frame.edges.map((points) => tracePath(plot, points)).join(""));
    const pins = [...frame.points.map((point) => [point, false]), ...(api.values.tested ? frame.new : []).map((point) => [point, true])];
    dots.selectAll("circle").data(pins).join("circle").attr("class", ([, isNew]) => `pin ${isNew ? "on-new" : ""}`).attr("r", ([, isNew]) => (isNew ? 3.5 : 5))
      .attr("cx", ([[x]]) => plot.x(x)).attr("cy", ([[, y]]) => plot.y(y))
      .style("fill", ([[, , label], isNew]) => (isNew ? null : label ? one : zero)).style("stroke", ([[, , label], isNew]) => (isNew ? (label ? one : zero) : null));
    own.selectAll("g").data(api.values.points).join((enter) => {
      const group = enter.append("g").attr("class", "own").attr("tabindex", 0).attr("role", "button").attr("aria-label", "your point; press to remove it");
      group.append("circle").attr("class", "reach").attr("r", 14).style("fill", "transparent");
      group.append("circle").attr("class", "pin mine").attr("r", 7);
      return group;
    }).attr("transform", ([x, y]) => `translate(${plot.x(x)},${plot.y(y)})`)
      .on("click", (event) => remove(own.selectAll("g").nodes().indexOf(event.currentTarget)))
      .on("keydown", (event) => { if (["Enter", "Delete", "Backspace"].includes(event.key)) remove(own.selectAll("g").nodes().indexOf(event.currentTarget)); })
      .select(".mine").style("fill", ([, , label]) => (label ? one : zero));
    handle.show(cursor.x, cursor.y);
    drawNetwork(frame, colours);
  }

  // The map of a node, large in the plane, as long as the hand or the keys are at it.
  function look(at) {
    looked = at;
    api.redraw();
  }

  // The arrow keys go from node to node: up and down in a layer, left and right between layers.
  function walk(event, { layer, node }) {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const groups = nodes.selectAll("g");
    const next = groups.filter((other) => other.cells && other.layer === layer + right && other.node === (right ? Math.min(node, other.most - 1) : node + down));
    if ((!right && !down) || next.empty()) return;
    event.preventDefault();
    groups.attr("tabindex", -1);
    next.attr("tabindex", 0).node().focus();
  }

  function drawNetwork(frame, colours) {
    const height = 244;
    const width = diagram.fit(height + 46);
    const { sizes } = frame;
    const columns = sizes.length;
    const box = Math.min(38, (height - 16) / Math.max(...sizes) - 5, (width / columns) * 0.55);
    const left = 40; // for the names of the inputs
    const place = (layer, node) => [
      left + box / 2 + ((width - left - box - 6) * layer) / (columns - 1),
      height / 2 + (node - (sizes[layer] - 1) / 2) * Math.min((height - 8) / sizes[layer], 84),
    ];
    const links = frame.weights.flatMap((rows, layer) => rows.flatMap((row, to) => row.map((weight, from) => ({ layer, from, to, weight }))));
    wires.selectAll("path").data(links, ({ layer, from, to }) => `${layer}-${from}-${to}`).join("path").attr("class", "wire")
      .attr("d", ({ layer, from, to }) => {
        const [[x1, y1], [x2, y2]] = [place(layer, from), place(layer + 1, to)];
        return bend([x1 + box / 2, y1], [x2 - box / 2, y2]);
      })
      .style("stroke", ({ weight }) => (weight >= 0 ? colours.first : colours.second))
      .style("stroke-width", ({ weight }) => thick(weight, 3)).style("stroke-opacity", ({ weight }) => 0.2 + 0.6 * Math.min(1, Math.abs(weight) / 2));
    lines.show(frame, links);
    reach.selectAll("path").data(links).join("path").attr("class", "wire-reach").classed("chosen", (_, number) => number === lines.chosen())
      .attr("d", ({ layer, from, to }) => {
        const [[x1, y1], [x2, y2]] = [place(layer, from), place(layer + 1, to)];
        return bend([x1 + box / 2, y1], [x2 - box / 2, y2]);
      })
      .on("click", (event) => { lines.choose(reach.selectAll("path").nodes().indexOf(event.currentTarget)); api.redraw(); });
    const pictures = sizes.flatMap((most, layer) => Array.from({ length: most }, (_, node) => ({ layer, node, most, cells: frame.maps[layer]?.[node] })));
    const drawn = nodes.selectAll("g").data(pictures, ({ layer, node }) => `${layer}-${node}`).join((enter) => {
      const group = enter.append("g").attr("class", "feature").attr("tabindex", ({ layer, node }) => (layer || node ? -1 : 0));
      group.append("image").attr("preserveAspectRatio", "none");
      group.append("rect").attr("rx", 5);
      group.append("text").attr("dy", "0.35em");
      group.filter(({ cells }) => cells).attr("role", "img")
        .on("pointerenter focus", (_, { layer, node }) => look({ layer, node })).on("pointerleave blur", () => look(null)).on("keydown", walk);
      return group;
    });
    drawn.attr("transform", ({ layer, node }) => `translate(${place(layer, node)})`)
      .attr("aria-label", ({ layer, node }) => `map of ${layer ? lines.name(layer, node) : frame.inputs[node]}`);
    drawn.select("rect").attr("x", -box / 2).attr("y", -box / 2).attr("width", box).attr("height", box)
      .style("fill", ({ node, cells }) => (cells ? "transparent" : mix(colours.card, node ? colours.first : colours.second, 0.4)));
    drawn.select("image").attr("x", -box / 2).attr("y", -box / 2).attr("width", box).attr("height", box)
      .attr("href", ({ cells }) => (cells ? paintNode(cells, colours) : null));
    drawn.select("text").attr("text-anchor", ({ layer }) => (layer ? "middle" : "end")).attr("x", ({ layer }) => (layer ? 0 : -box / 2 - 4))
      .text(({ layer, node }) => (layer === 0 ? frame.inputs[node] : layer === columns - 1 ? ["o", "b"][node] : ""));
    const low = height + 40;
    const curve = (losses) => line()(losses.map((loss, step) => [96 + (step / Math.max(60, losses.length - 1)) * (width - 102), low - Math.min(1, loss) * 34]));
    descents.selectAll("path").data([frame.new_losses, frame.losses]).join("path").attr("class", (_, place) => (place ? "descent" : "descent on-new")).attr("d", curve);
    showTexts(notes, [
      { key: "loss", x: 4, y: low - 18, anchor: "start", kind: "ink", text: `loss ${format(frame.losses.at(-1), 3)}` },
      { key: "new", x: 4, y: low, anchor: "start", text: frame.new_losses.length ? `new ${format(frame.new_losses.at(-1), 3)}` : "" },
    ]);
  }

  return { update, fresh: { weights: [] }, local: ["tested"] };
}

// Below the network: one line at a time, chosen by a click on it or by the arrows, and its weight, which the hand changes.
function makeWeights(root, api) {
  const bar = element("div", "weight-bar");
  const name = element("span", "name");
  bar.append(element("span", "dotted", "weight"));
  const input = element("input");
  const told = element("output");
  Object.assign(input, { type: "range", min: -4, max: 4, step: 0.05 });
  const walk = (by) => { pick((number + by + all.length) % all.length); api.redraw(); };
  const [before, after] = [[-1, "‹", "the line before"], [1, "›", "the next line"]].map(([by, sign, label]) => {
    const made = button(sign, () => walk(by));
    made.setAttribute("aria-label", label);
    return made;
  });
  bar.append(before, name, after, input, told);
  root.append(bar);
  const showSlope = makeLine(root, "gradient of the loss: %");
  const write = (weight) => format(Number(weight.toFixed(2)), 3);
  let number = 0;
  let all = [];
  let frame = null;
  const nameNode = (layer, node) => {
    const last = frame.sizes.length - 2;
    return layer === 0 ? frame.inputs[node] : layer > last ? ["orange", "blue"][node] : `node ${last > 1 ? `${layer}.` : ""}${node + 1}`;
  };
  const pick = (next) => { number = Math.min(next, all.length - 1); };
  input.addEventListener("input", () => {
    const { layer, from, to } = all[number];
    const value = Number(input.value);
    told.textContent = write(value);
    // Layer by layer the weights, row by row, then the biases.
    const rows = frame.weights.flatMap((weights, at) => [
      ...weights.flatMap((row, node) => row.map((weight, source) => (at === layer && node === to && source === from ? value : weight))),
      ...frame.biases[at],
    ]);
    api.set({ weights: rows.map((weight) => [weight]) });
  });
  return {
    choose(next) { pick(next); input.focus({ preventScroll: true }); },
    chosen: () => number,
    name: nameNode,
    show(shown, links) {
      frame = shown;
      all = links;
      pick(number);
      const { layer, from, to, weight } = all[number];
      name.textContent = `${nameNode(layer, from)} → ${nameNode(layer + 1, to)}`;
      input.setAttribute("aria-label", `weight from ${nameNode(layer, from)} to ${nameNode(layer + 1, to)}`);
      if (document.activeElement !== input || api.playing) input.value = weight;
      told.textContent = write(weight);
      input.setAttribute("aria-valuetext", write(weight));
      const key = `g${layer}_${to}_${from}`;
      const slope = frame.slopes[layer][to][from];
      frame.origins = frame.parts.length ? { [key]: openGradient(slope, frame.parts.map(({ name: part, weights }) => [part, weights[layer][to][from]])) } : {};
      showSlope([[format(slope, 3), key]]);
    },
  };
}

// Where a gradient comes from, as `groundup.lessons.origins.trace_sum` tells it: only the number that is shown needs it.
function openGradient(value, parts) {
  const terms = parts.map(([label, part]) => ({ factors: [{ label, value: part }], product: part }));
  return { name: "gradient", value, then: "", sum: value, terms };
}

const CORNERS = ["second", "second", "first", "first"];

function drawFold(api) {
  const pair = element("div", "pair");
  const [left, right] = [element("div"), element("div")];
  pair.append(left, right);
  api.root.append(pair);
  left.append(element("p", "part-name", "The plane of inputs"));
  right.append(element("p", "part-name", "The hidden values: what the output node sees"));
  const showNumbers = makeLine(api.root, "At the point: h₁ = %, h₂ = %, output = %");
  const square = { ratio: 1, tallest: 340, ticks: [4, 4], margin: { top: 22, right: 10, bottom: 36, left: 36 } };
  const plane = makePlot(left, { ...square, x: [-0.6, 1.6], y: [-0.6, 1.6], label: "The inputs", xLabel: "x₁", yLabel: "x₂" });
  const folded = makePlot(right, { ...square, x: [-1.4, 3.4], y: [-4.4, 4.4], label: "The hidden values", xLabel: "h₁", yLabel: "h₂" });
  const picture = plane.inside.append("image").attr("preserveAspectRatio", "none").attr("opacity", 0.5);
  const grids = [plane, folded].map((plot) => plot.inside.append("g"));
  const border = folded.inside.append("line").attr("class", "edge");
  const corners = [plane, folded].map((plot) => plot.inside.append("g"));
  const image = folded.inside.append("circle").attr("class", "ring").attr("r", 12);
  const paint = makePainter(32);
  const handle = makeHandle(plane, {
    label: "the point", step: 0.05, kind: "plain", bounds: { x: [-0.5, 1.5], y: [-0.5, 1.5] },
    move: ({ x, y }) => api.set({ point: [[Math.round(x * 20) / 20, Math.round(y * 20) / 20]] }),
  });
  const ticks = Array.from({ length: 9 }, (_, place) => -0.5 + place / 4);
  const straight = [...ticks.map((tick) => [[tick, -0.5], [tick, 1.5]]), ...ticks.map((tick) => [[-0.5, tick], [1.5, tick]])];

  function update(frame) {
    const colours = readColours();
    plane.fit();
    folded.fit();
    const rows = Array.from({ length: 32 }, (_, row) => frame.sides.slice(32 * row, 32 * row + 32)).reverse().flat();
    picture.attr("x", plane.x(-0.5)).attr("y", plane.y(1.5)).attr("width", plane.x(1.5) - plane.x(-0.5)).attr("height", plane.y(-0.5) - plane.y(1.5))
      .attr("href", paint(rows, (side) => mix(colours.card, side ? colours.first : colours.second, 0.45)));
    const smooth = (paths) => (api.isCalm ? paths : paths.transition().duration(350));
    [[straight, plane], [frame.lines, folded]].forEach(([lines, plot], place) => {
      const paths = grids[place].selectAll("path").data(lines).join("path").attr("class", (_, number) => `mesh ${number < 9 ? "up" : "across"}`);
      smooth(paths).attr("d", (points) => tracePath(plot, points));
    });
    const [[x1, y1], [x2, y2]] = frame.border;
    border.attr("x1", folded.x(x1)).attr("y1", folded.y(y1)).attr("x2", folded.x(x2)).attr("y2", folded.y(y2));
    [[plane, 0], [folded, 3]].forEach(([plot, from], place) => {
      const dots = corners[place].selectAll("circle").data(frame.corners).join("circle").attr("class", "corner").attr("r", 8)
        .style("fill", (_, number) => colours[CORNERS[number]]);
      smooth(dots).attr("cx", (row) => plot.x(row[from])).attr("cy", (row) => plot.y(row[from + 1]));
    });
    showNumbers([[frame.h[0], "h0"], [frame.h[1], "h1"], [frame.output, "output"]].map(([value, key]) => [format(value, 3), key]));
    image.attr("cx", folded.x(frame.h[0])).attr("cy", folded.y(frame.h[1]));
    handle.show(...frame.x);
    select(handle.group.node()).raise();
  }

  return { update };
}

export const drawings = { border: drawBorder, fold: drawFold };
