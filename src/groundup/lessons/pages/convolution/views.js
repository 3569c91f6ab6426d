// Draws a filter that slides over a digit, the largest of four, learned filters, and a test with moved digits.
import { makeDiagram, makeKnob } from "/static/views/diagram.js";
import { element, format, opening, wholePercent } from "/static/views/elements.js";
import { inkColour, makePixels, signedColour } from "/static/views/pixels.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";
import { whenReady } from "/static/views/waiting.js";

const SIZE = 3;

// A picture with a frame around some of its pixels, which the hand or the arrow keys move.
//   options: name, label (for readers of the screen), side (pixels of the picture each way), size (of the frame), middle (of it, that the hand holds),
//   stride (pixels of a step), move(row, column), in steps
function makeWindow(root, options) {
  const { side, size, middle, stride = 1 } = options;
  const most = (side - size) / stride;
  root.append(element("p", "part-name", options.name));
  const place = element("div", "slide");
  const pixels = makePixels(place, options.name);
  const frame = element("i", "slide-frame");
  frame.tabIndex = 0;
  frame.setAttribute("role", "slider");
  frame.setAttribute("aria-label", options.label);
  frame.style.width = frame.style.height = `${(100 * size) / side}%`;
  place.append(frame);
  root.append(place);
  let [row, column] = [0, 0];
  const keep = (value) => Math.min(most, Math.max(0, value));
  const go = (r, c) => options.move(keep(r), keep(c));
  let held = false;
  const follow = (event) => {
    const box = place.getBoundingClientRect();
    const at = (along, length) => Math.floor((along * side) / length / stride) - middle;
    go(at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width));
  };
  place.addEventListener("pointerdown", (event) => {
    held = true;
    place.setPointerCapture(event.pointerId);
    frame.focus({ preventScroll: true });
    follow(event);
    event.preventDefault();
  });
  place.addEventListener("pointermove", (event) => { if (held) follow(event); });
  for (const end of ["pointerup", "pointercancel"]) place.addEventListener(end, () => { held = false; });
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    go(row + step[0], column + step[1]);
  });
  return {
    paint: pixels.paint,
    show(r, c) {
      [row, column] = [r, c];
      frame.style.top = `${(100 * stride * r) / side}%`;
      frame.style.left = `${(100 * stride * c) / side}%`;
      frame.setAttribute("aria-valuenow", r * (most + 1) + c);
      frame.setAttribute("aria-valuetext", `row ${r + middle + 1}, column ${c + middle + 1}`);
    },
  };
}

// Three tables of nine: the pixels under the filter, its weights, which the hand turns, and their products.
function makeNine(root, api) {
  const diagram = makeDiagram(root, "Nine pixels, nine weights and nine products", 180);
  const [wide, high, top] = [58, 28, 20];
  const block = top + SIZE * high + 10;
  const names = ["Pixels under the filter", "× weights: drag a number", "= products"];
  const titles = names.map((name) => diagram.front.append("text").attr("class", "part-title").text(name));
  const cells = [0, 2].map((part) => Array.from({ length: SIZE * SIZE }, () => {
    const group = diagram.front.append("g").attr("class", "nine");
    group.append("rect").attr("width", wide - 6).attr("height", high - 4).attr("rx", 5).attr("x", 3 - wide / 2).attr("y", 2 - high / 2);
    group.append("text").attr("text-anchor", "middle").attr("dy", "0.35em");
    return { group, part };
  }));
  const knobs = Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIZE), at % SIZE];
    const knob = makeKnob(diagram.front, {
      name: "", label: `weight in row ${row + 1}, column ${column + 1}`, low: -2, high: 2, step: 0.1,
      move: (value) => api.set({ weights: api.values.weights.map((numbers, r) => numbers.map((number, c) => (r === row && c === column ? value : number))) }),
    });
    knob.group.select(".reach").attr("x", -wide / 2).attr("width", wide).attr("y", -high / 2).attr("height", high);
    return knob;
  });

  return (frame, paintInk, paintSign) => {
    const width = diagram.fit(3 * block - 6);
    const spot = (part, at) => [width / 2 + (at % SIZE - 1) * wide, part * block + top + (Math.floor(at / SIZE) + 0.5) * high];
    titles.forEach((title, part) => title.attr("text-anchor", "middle").attr("x", width / 2).attr("y", part * block + 13));
    cells.forEach((list, place) => list.forEach(({ group, part }, at) => {
      const value = [frame.pixels, frame.products][place].flat()[at];
      const [x, y] = spot(part, at);
      group.attr("transform", `translate(${x},${y})`);
      group.select("rect").attr("fill", place ? paintSign(value) : paintInk(value * 0.45));
      group.select("text").text(format(value, 2));
    }));
    knobs.forEach((knob, at) => knob.show(...spot(1, at), frame.weights.flat()[at]));
  };
}

function drawFilter(api) {
  const root = element("div", "sliding");
  api.root.append(root);
  const [left, middle, right] = ["", "sliding-nine", ""].map((kind) => root.appendChild(element("div", kind)));
  const go = (row, column) => api.set({ row, column });
  const input = makeWindow(left, { name: "16 × 16 pixels: drag", label: "the filter's place on the digit", side: 16, size: SIZE, middle: 1, move: go });
  const showNine = makeNine(middle, api);
  const output = makeWindow(right, { name: "14 × 14 sums", label: "the place of the sum", side: 14, size: 1, middle: 0, move: go });
  const told = element("p", "nine-sum");
  const sum = opening("", "sum", "strong");
  told.append("sum of the nine products: ", sum);
  right.append(told);

  function update(frame, { row, column }) {
    const [ink, sign] = [inkColour(), signedColour(frame.most)];
    input.paint(frame.picture, ink);
    output.paint(frame.map, sign);
    // What the hand holds is where the hand is; the numbers come with the frame.
    for (const one of [input, output]) one.show(row, column);
    showNine(frame, ink, signedColour(2));
    sum.textContent = format(frame.sum, 3);
  }

  return { update };
}

function drawPool(api) {
  const root = element("div", "sliding pooling");
  api.root.append(root);
  const [left, middle, right] = [0, 1, 2].map(() => root.appendChild(element("div")));
  left.append(element("p", "part-name", "16 × 16 pixels"));
  const picture = makePixels(left, "the digit");
  const go = (row, column) => api.set({ row, column });
  const map = makeWindow(middle, { name: "16 × 16 sums, after ReLU", label: "the four numbers", side: 16, size: 2, middle: 0, stride: 2, move: go });
  const pooled = makeWindow(right, { name: "8 × 8: the largest of each four", label: "the pooled number", side: 8, size: 1, middle: 0, move: go });

  function update(frame, { row, column }) {
    const sign = signedColour(frame.most);
    picture.paint(frame.picture, inkColour());
    map.paint(frame.map, sign);
    map.show(row, column);
    pooled.paint(frame.pooled, sign);
    pooled.show(row, column);
  }

  return { update };
}

function drawLearned(api) {
  const root = element("div", "learned");
  api.root.append(root);
  const left = root.appendChild(element("div", "learned-digit"));
  left.append(element("p", "part-name", "28 × 28 pixels"));
  const picture = makePixels(left, "the digit");
  const grid = root.appendChild(element("div", "learned-grid"));
  const cells = [];

  function update(frame) {
    while (cells.length < frame.filters.length) {
      const cell = element("figure", "node");
      const [weights, map] = ["the weights of a filter", "what it answers"].map((label) => makePixels(cell, `${label}: number ${cells.length + 1}`));
      weights.canvas.classList.add("kernel");
      cell.append(element("figcaption", "", `filter ${cells.length + 1}`));
      grid.append(cell);
      cells.push({ weights, map });
    }
    const [sign, ink] = [signedColour(1), inkColour()];
    picture.paint(frame.picture, ink);
    frame.filters.forEach(({ weights, map }, place) => {
      cells[place].weights.paint(weights, sign);
      cells[place].map.paint(map, sign);
    });
  }

  return { update };
}

function drawShift(api) {
  const root = element("div", "shifting");
  api.root.append(root);
  const [left, right] = [0, 1].map(() => root.appendChild(element("div")));
  const picture = makePixels(left, "the digit where it is now");
  const lines = ["first", "second"].map((kind) => {
    const line = element("p", "opening-line");
    const name = element("b");
    name.style.color = `var(--${kind})`;
    const answer = element("span");
    line.append(name, answer);
    left.append(line);
    return { name, answer };
  });
  const plot = makePlot(right, { x: [-6.4, 6.4], y: [0, 1.02], label: "The share of the held-out digits that is read rightly, by how far they are moved", xLabel: "moved to the right, in pixels", yLabel: "read rightly", ratio: 0.6, tallest: 330, lowest: 240, xValues: [-6, -4, -2, 0, 2, 4, 6], ticks: [7, 5], margin: { left: 40 } });
  const guess = plot.inside.append("line").attr("class", "limit");
  const ways = ["known", "unknown"].map((kind) => plot.inside.append("path").attr("class", `curve ${kind}`));
  const now = plot.inside.append("line").attr("class", "stop-line");
  const dots = ["", "unknown"].map((kind) => plot.above.append("circle").attr("class", `error-dot ${kind}`).attr("r", 5));
  const shares = ["dense", "convolutional"].map((name, place) => plot.above.append("text").attr("class", "told").attr("data-number", name).style("fill", `var(--${["first", "second"][place]})`));
  const handle = makeHandle(plot, { label: "how far the digits are moved", axis: "x", step: 1, radius: 7, kind: "plain", bounds: { x: [-6, 6] }, move: ({ x }) => api.set({ right: Math.round(x) }), text: ({ x }) => `${format(x)} pixels` });

  function update(frame, { right: move }) {
    plot.fit();
    picture.paint(frame.picture, inkColour());
    const at = frame.moves.indexOf(move);
    guess.attr("x1", plot.x(-6.4)).attr("x2", plot.x(6.4)).attr("y1", plot.y(0.1)).attr("y2", plot.y(0.1));
    now.attr("x1", plot.x(move)).attr("x2", plot.x(move)).attr("y1", plot.y(0)).attr("y2", plot.y(1.02));
    frame.networks.forEach((network, place) => {
      ways[place].attr("d", tracePath(plot, network.accuracy.map((share, x) => [frame.moves[x], share])));
      dots[place].attr("cx", plot.x(move)).attr("cy", plot.y(network.accuracy[at]));
      const { name, answer } = lines[place];
      name.textContent = `${network.name} (${network.weights.toLocaleString("en")} weights)`;
      answer.textContent = `: this is a ${network.best}, ${wholePercent(network.sure)} sure`;
    });
    const [one, other] = frame.networks.map(({ accuracy }) => plot.y(accuracy[at]));
    const apart = Math.max(0, 17 - Math.abs(one - other)) / 2;
    const left_ = move > 2;
    [one, other].forEach((y, place) => {
      const up = place === (one <= other ? 0 : 1) ? -1 : 1;
      shares[place].attr("x", plot.x(move) + (left_ ? -11 : 11)).attr("text-anchor", left_ ? "end" : "start")
        .attr("y", Math.min(plot.y(0) - 4, Math.max(plot.y(1), y)) + 4 + up * apart).text(wholePercent(frame.networks[place].accuracy[at]));
    });
    handle.show(move, 0);
  }

  return { update };
}

export const drawings = { filter: drawFilter, pool: drawPool, learned: whenReady(drawLearned), shift: whenReady(drawShift) };
