// Draws the numbers of every layer, one size on its way, and a deep network that learns or does not.
import { select } from "/static/vendor/d3.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";
import { element, format } from "/static/views/elements.js";
import { mix, readColours } from "/static/views/colours.js";

// A size with two digits, in two short lines where it needs a power of ten: 0.072, 2.2 over · 10⁻¹⁴.
function sizeLines(size) {
  if (size === null || size === 0 || (size >= 0.001 && size < 1000)) return [size === null ? "∞" : format(size, 2)];
  const [factor, power] = size.toExponential(1).split("e");
  const up = String(Number(power)).replace(/[-0-9]/g, (letter) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(letter)]);
  return [factor, `·10${up}`];
}

// The outline of a histogram, each bin as wide as the others: one element in place of thirty.
function traceBins(shares, most) {
  return `M0 100${shares.map((share) => `V${(100 - Math.min(100, (100 * share) / most)).toFixed(1)}h1`).join("")}V100Z`;
}

const isHealthy = (size) => size !== null && size > 0.05 && size < 20;

function drawLayers(api) {
  const root = element("div", "layer-grid");
  api.root.append(root);
  const rows = [["Forward: activations", "size", "histogram"], ["Backward: gradients of the weighted sums", "back_size", "back_histogram"]].map(([name, size, histogram]) => {
    const part = element("div");
    part.append(element("p", "part-name", name));
    const line = element("div", "layer-row");
    part.append(line);
    root.append(part);
    return { line, size, histogram };
  });

  function update(frame) {
    const colours = readColours();
    const reference = frame.layers.at(-1).back_size || 1;
    rows.forEach(({ line, size, histogram }, way) => {
      line.style.setProperty("--layers", frame.layers.length);
      while (line.childNodes.length < frame.layers.length) {
        const cell = element("div", "layer");
        const bins = element("div", "bins");
        const outline = select(bins).append("svg").attr("viewBox", `0 0 ${frame.layers[0][histogram].length} 100`).attr("preserveAspectRatio", "none");
        outline.append("path");
        const scale = element("span", "bins-scale");
        scale.append(...["−3", "0", "3"].map((word) => element("i", "", word)));
        cell.append(element("b", "", String(line.childNodes.length + 1)), bins, scale, element("span", "size-bar"), element("output"));
        line.append(cell);
      }
      while (line.childNodes.length > frame.layers.length) line.lastChild.remove();
      frame.layers.forEach((layer, place) => {
        const [, bins, , bar, told] = line.childNodes[place].childNodes;
        const shares = layer[histogram];
        // The bin in the middle holds the zeros of a ReLU: it may be higher than all others together.
        const most = Math.max(0.05, [...shares].sort((a, b) => b - a)[1]);
        const relative = way ? (layer[size] ?? Infinity) / reference : layer[size];
        const well = isHealthy(relative);
        const shade = layer[size] === 0 ? colours.line : well ? colours.first : mix(colours.soft, colours.second, relative > 1 || relative === null ? 1 : 0.25);
        select(bins).select("path").attr("d", traceBins(shares, most)).attr("fill", shade);
        const strength = layer[size] ? Math.max(0, Math.min(1, (Math.log10(layer[size]) + 16) / 32)) : 0;
        bar.style.setProperty("--share", layer[size] === null ? 1 : strength);
        told.dataset.number = `${way ? "back" : "size"}${place + 1}`;
        const words = sizeLines(layer[size]);
        if (told.textContent !== words.join("")) told.replaceChildren(...words.map((word) => element("span", "", word)));
        line.childNodes[place].title = way ? `layer ${place + 1}: the gradient has the size ${format(layer[size], 3)}` : `layer ${place + 1}: size ${format(layer[size], 3)}, ${Math.round(100 * layer.dead)} % dead nodes`;
        line.childNodes[place].classList.toggle("dead", !way && layer.dead > 0.999);
      });
    });
  }

  return { update };
}

// One size on its way; the hand holds the factor that each layer multiplies it by.
function drawWalk(api) {
  const plot = makePlot(api.root, { x: [0, 12.6], y: [1e-16, 1e12], yLog: true, label: "The size after each of twelve layers", xLabel: "layer", yLabel: "size", ratio: 0.42, tallest: 320, lowest: 240, xValues: [0, 2, 4, 6, 8, 10, 12], ticks: [7, 6], margin: { left: 62 } });
  const one = plot.inside.append("line").attr("class", "limit");
  const line = plot.inside.append("path").attr("class", "curve pale");
  const way = plot.inside.append("path").attr("class", "curve");
  const dots = plot.inside.append("g");
  const ball = plot.above.append("circle").attr("class", "ball").attr("r", 7).style("pointer-events", "none");
  const told = plot.above.append("text").attr("class", "told");
  const handle = makeHandle(plot, {
    label: "the factor of a layer", axis: "y", kind: "other", bounds: { y: [0.05, 8] }, step: 0.05,
    move: ({ y }) => { api.pause(); api.set({ factor: Number(y.toPrecision(2)) }); }, text: ({ y }) => format(y, 2),
  });

  function update(frame, { factor, layer }) {
    plot.fit();
    one.attr("x1", plot.x(0)).attr("x2", plot.x(12.6)).attr("y1", plot.y(1)).attr("y2", plot.y(1));
    const places = frame.expected.map((size, at) => [at, size]);
    line.attr("d", tracePath(plot, places));
    way.attr("d", tracePath(plot, places.slice(0, layer + 1)));
    dots.selectAll("circle").data(frame.measured.slice(0, layer + 1)).join("circle").attr("class", "error-dot unknown").attr("r", 4).attr("cx", (_, at) => plot.x(at)).attr("cy", (size) => plot.y(size));
    ball.attr("cx", plot.x(layer)).attr("cy", plot.y(frame.expected[layer]));
    const down = frame.expected[12] < 1;
    placeLabel(told, plot, plot.x(layer), plot.y(frame.expected[layer]) + (down ? -14 : 26), layer ? format(frame.expected[layer], 2) : "the input: 1", 10);
    told.attr("data-number", `power${layer}`);
    handle.show(1, frame.expected[1]);
    const [size, found] = [format(frame.expected[layer], 2), format(frame.measured[layer], 2)];
    api.say(layer ? `After layer ${layer}: ${format(factor, 2)} to the power of ${layer} is ${size}; the network's size is ${found}.` : `The input has the size 1. Each layer multiplies it by about ${format(factor, 2)}; the weights have σ = ${format(frame.deviation, 2)}.`);
  }

  return { update, local: ["layer"], pace: 2.5 };
}

// The lesson on normalization draws its trainings with it, too.
export function drawLearning(api) {
  const pair = element("div", "pair-of-plots");
  const [left, right] = [element("div"), element("div")];
  pair.append(left, right);
  api.root.append(pair);
  const plot = makePlot(left, { x: [0, 120], y: [0, 3.6], label: "The loss of each step", xLabel: "steps", yLabel: "loss", ratio: 0.7, tallest: 300, lowest: 220, margin: { left: 34 } });
  const guess = plot.inside.append("line").attr("class", "limit");
  const guessName = plot.above.append("text").attr("class", "told small").attr("text-anchor", "end").text("a guess");
  const curve = plot.inside.append("path").attr("class", "curve");
  const above = plot.above.append("text").attr("class", "told small").attr("text-anchor", "middle");
  const sizes = makePlot(right, { x: [0.5, 12.5], y: [1e-16, 1e12], yLog: true, label: "The size of the activations and of the weights' gradients in each layer", xLabel: "layer", yLabel: "size", ratio: 0.7, tallest: 300, lowest: 220, ticks: [6, 6], margin: { left: 62 } });
  const lines = ["known", "unknown"].map((kind) => sizes.inside.append("path").attr("class", `curve ${kind}`));
  const dots = ["known", "unknown"].map(() => sizes.inside.append("g"));
  const names = ["● activations", "● gradients"].map((word, place) => sizes.above.append("text").attr("class", "told small").attr("text-anchor", "end").style("fill", `var(--${["first", "second"][place]})`).text(word));

  function update(frame) {
    plot.fit({ x: [0, frame.steps] });
    const top = 3.6;
    curve.attr("d", tracePath(plot, frame.losses.map((loss, step) => [step, Math.min(top, loss ?? top)])));
    guess.attr("x1", plot.x(0)).attr("x2", plot.x(frame.steps)).attr("y1", plot.y(frame.guess)).attr("y2", plot.y(frame.guess));
    guessName.attr("x", plot.x(frame.steps) - 4).attr("y", plot.y(frame.guess) - 6);
    const last = frame.losses.at(-1);
    const far = frame.losses.length && (last === null || last > top);
    above.attr("x", plot.x(frame.steps / 2)).attr("y", plot.y(top) + 16).text(far ? `far above: ${format(last ?? Infinity, 3)}` : "");
    sizes.fit({ x: [0.5, frame.depth + 0.5] });
    const keep = (size) => Math.min(1e12, Math.max(1e-16, size ?? 1e12));
    [frame.sizes, frame.gradients].forEach((found, place) => {
      const path = found.map((size, layer) => [layer + 1, keep(size)]);
      lines[place].attr("d", tracePath(sizes, path));
      dots[place].selectAll("circle").data(path).join("circle").attr("class", `error-dot ${place ? "unknown" : ""}`).attr("r", 3.5).attr("cx", ([x]) => sizes.x(x)).attr("cy", ([, y]) => sizes.y(y));
      names[place].attr("x", sizes.x.range()[1] - (place ? 0 : 86)).attr("y", sizes.margin.top - 9);
    });
  }

  return { update };
}

export const drawings = { layers: drawLayers, walk: drawWalk, learning: drawLearning };
