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
  const descent = diagram.back.append("path").attr("class", "descent");
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

  function update(frame) {
    const colours = readColours();
    const [zero, one] = [colours.second, colours.first];
    plot.fit();
    picture.attr("x", plot.x(-REACH)).attr("y", plot.y(REACH)).attr("width", plot.x(REACH) - plot.x(-REACH)).attr("height", plot.y(-REACH) - plot.y(REACH))
      .attr("href", fine(frame.border, (share) => mix(colours.card, share >= 50 ? one : zero, 0.05 + (Math.abs(share - 50) / 50) * 0.45)));
    edge.attr("d", frame.edges.map((points) => tracePath(plot, points)).join(""));
    const mine = api.values.points.length;
    dots.selectAll("circle").data(frame.points).join("circle").attr("class", "pin").attr("r", 5).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y))
      .style("fill", ([, , label]) => (label ? one : zero));
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
    drawNetwork(frame, colours, mine);
  }

  function drawNetwork(frame, colours) {
    const height = 244;
    const width = diagram.fit(height + 46);
    const { sizes } = frame;
    const columns = sizes.length;
    const box = Math.min(38, (height - 16) / Math.max(...sizes) - 5, (width / columns) * 0.55);
    const place = (layer, node) => [
      box / 2 + 6 + ((width - box - 12) * layer) / (columns - 1),
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
    const pictures = sizes.flatMap((size, layer) => Array.from({ length: size }, (_, node) => ({ layer, node, cells: layer && layer < columns - 1 ? frame.maps[layer - 1][node] : null })));
    const drawn = nodes.selectAll("g").data(pictures, ({ layer, node }) => `${layer}-${node}`).join((enter) => {
      const group = enter.append("g").attr("class", "feature");
      group.append("image").attr("preserveAspectRatio", "none");
      group.append("rect").attr("rx", 5);
      group.append("text").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    });
    drawn.attr("transform", ({ layer, node }) => `translate(${place(layer, node)})`);
    drawn.select("rect").attr("x", -box / 2).attr("y", -box / 2).attr("width", box).attr("height", box)
      .style("fill", ({ layer, node }) => (layer === columns - 1 ? mix(colours.card, node ? colours.first : colours.second, 0.4) : layer ? "none" : colours.page));
    drawn.select("image").attr("x", -box / 2).attr("y", -box / 2).attr("width", box).attr("height", box)
      .attr("href", ({ cells }) => (cells ? coarse(cells, (value) => signed(value * 0.8, 100, colours)) : null));
    drawn.select("text").text(({ layer, node }) => (layer === 0 ? ["x₁", "x₂"][node] : layer === columns - 1 ? ["o", "b"][node] : ""));
    const low = height + 40;
    const steps = frame.losses.length;
    descent.attr("d", line()(frame.losses.map((loss, step) => [96 + (step / Math.max(60, steps - 1)) * (width - 102), low - Math.min(1, loss) * 34])));
    showTexts(notes, [{ key: "loss", x: 4, y: low - 4, anchor: "start", kind: "ink", text: `loss ${format(frame.losses.at(-1), 3)}` }]);
  }

  return { update, fresh: { weights: [] } };
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
    show(shown, links) {
      frame = shown;
      all = links;
      pick(number);
      const { layer, from, to, weight } = all[number];
      const last = frame.sizes.length - 2;
      const nodeName = (at, node) => (at === 0 ? ["x₁", "x₂"][node] : at > last ? ["orange", "blue"][node] : `node ${last > 1 ? `${at}.` : ""}${node + 1}`);
      name.textContent = `${nodeName(layer, from)} → ${nodeName(layer + 1, to)}`;
      input.setAttribute("aria-label", `weight from ${nodeName(layer, from)} to ${nodeName(layer + 1, to)}`);
      if (document.activeElement !== input || api.playing) input.value = weight;
      told.textContent = write(weight);
      input.setAttribute("aria-valuetext", write(weight));
      const key = `g${layer}_${to}_${from}`;
      showSlope([[format(frame.origins[key]?.value, 3), key]]);
    },
  };
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
