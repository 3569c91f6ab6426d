// Draws words as places, a sentence as their average, and nearest words.
import { makeCloud } from "/static/views/cloud.js";
import { makePlot, placeLabel } from "/static/views/plot.js";
import { mix, readColours } from "/static/views/colours.js";
import { button, element, format, measureText, tidy, wholePercent } from "/static/views/elements.js";

const SHADES = 12;
const REACH = 4.5; // what the map shows upwards at least, in units of the table
const told = (number, digits = 2) => `${number > 0 ? "+" : ""}${format(Number(number.toFixed(digits)))}`;

function drawMap(api) {
  const plot = makePlot(api.root, { x: [-REACH, REACH], y: [-REACH, REACH], label: "All words as places, your sentence as the average of its words, and the line between negative and positive", xLabel: "first number", yLabel: "second number", ratio: 0.52, tallest: 350, lowest: 280 });
  const sides = plot.inside.append("path").attr("class", "side-positive");
  const border = plot.inside.append("line").attr("class", "border-line");
  const showCloud = makeCloud(plot.inside.append("g"));
  const spokes = plot.inside.append("g");
  const chosen = plot.above.append("g");
  const average = plot.above.append("circle").attr("class", "sentence-place").attr("r", 10);
  const name = plot.above.append("text").attr("class", "told").attr("data-number", "probability");
  const names = ["negative", "positive"].map((word) => plot.above.append("text").attr("class", "side-name").text(word));
  const hovered = plot.above.append("g").style("pointer-events", "none");
  const ring = hovered.append("circle").attr("class", "word-ring").attr("r", 7);
  const label = hovered.append("text").attr("class", "told small");
  const strip = element("p", "shares");
  api.root.append(strip);
  let shown = null;

  plot.svg.on("pointermove", (event) => {
    if (!shown) return;
    const box = plot.svg.node().getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let least = 24;
    shown.places.forEach(([a, b], place) => {
      const far = Math.hypot(plot.x(a) - x, plot.y(b) - y);
      if (far < least) { least = far; best = place; }
    });
    point(best);
  }).on("pointerleave", () => point(null));

  function point(place) {
    hovered.style("display", place === null ? "none" : null);
    if (place === null) return;
    const [a, b] = shown.places[place];
    ring.attr("cx", plot.x(a)).attr("cy", plot.y(b));
    const times = shown.counts[place];
    placeLabel(label, plot, plot.x(a), plot.y(b) - 10, `${shown.words[place]} (${times} ×, ${told(shown.lean[place], 1)})`, 8);
  }
  point(null);

  function update(frame) {
    const calm = api.isCalm || !shown;
    shown = frame;
    // The map grows with what stands on it.
    const reach = Math.max(REACH, ...frame.places.map(([, y]) => 1.06 * Math.abs(y)));
    const { width, height } = plot.fit({ y: [-reach, reach] });
    const wide = (reach * (width - plot.margin.left - plot.margin.right)) / (height - plot.margin.top - plot.margin.bottom);
    plot.fit({ x: [-wide, wide] });
    const colours = readColours();
    const most = Math.max(...frame.lean.map(Math.abs), 1e-9);
    showCloud(frame.places.map(([x, y], place) => {
      const lean = frame.lean[place];
      const share = Math.round(SHADES * Math.min(1, (2.2 * Math.abs(lean)) / most)) / SHADES;
      return { x: plot.x(x), y: plot.y(y), colour: mix(colours.soft, lean > 0 ? colours.first : colours.second, share) };
    }), calm);
    // The border: where w · place + b is 0.
    const [[v, w], b] = [frame.weight, frame.bias];
    const size = Math.hypot(v, w) || 1;
    const foot = [(-b * v) / size ** 2, (-b * w) / size ** 2];
    const along = [-w / size, v / size];
    const ends = [-60, 60].map((far) => [plot.x(foot[0] + far * along[0]), plot.y(foot[1] + far * along[1])]);
    border.attr("x1", ends[0][0]).attr("y1", ends[0][1]).attr("x2", ends[1][0]).attr("y2", ends[1][1]);
    const deep = [60 * (v / size), 60 * (w / size)];
    const corner = (end, sign) => `${plot.x(foot[0] + 60 * sign * along[0] + deep[0])},${plot.y(foot[1] + 60 * sign * along[1] + deep[1])}`;
    sides.attr("d", `M${ends[0]}L${ends[1]}L${corner(ends[1], 1)}L${corner(ends[0], -1)}Z`);
    [-1, 1].forEach((side, place) => {
      const far = 0.66 * reach;
      names[place].attr("text-anchor", "middle").attr("x", plot.x(foot[0] + side * far * (v / size) + 0.49 * reach * along[0]))
        .attr("y", Math.min(height - 50, Math.max(24, plot.y(foot[1] + side * far * (w / size) + 0.49 * reach * along[1]))));
    });
    const points = frame.chosen.map((word) => ({ ...word, x: plot.x(word.place[0]), y: plot.y(word.place[1]) }));
    const [x, y] = [plot.x(frame.average[0]), plot.y(frame.average[1])];
    const lines = frame.padding ? [...points, { x: plot.x(frame.padding_place[0]), y: plot.y(frame.padding_place[1]), word: `padding × ${frame.padding}`, share: frame.padding_share, pad: true }] : points;
    spokes.selectAll("line").data(lines).join("line").attr("class", "spoke").attr("x1", (d) => d.x).attr("y1", (d) => d.y).attr("x2", x).attr("y2", y);
    chosen.selectAll("circle").data(lines).join("circle").attr("r", 6).attr("class", (d) => (d.pad ? "word-place pad" : "word-place"))
      .attr("fill", (d) => mix(colours.soft, d.share > 0 ? colours.first : colours.second, Math.min(1, Math.abs(d.share)))).attr("cx", (d) => d.x).attr("cy", (d) => d.y);
    // Words with large shares get their names first; a name that would cover a point or another name is left to the row below.
    const taken = [[x - 46, y + 16, x + 46, y + 36], [x - 12, y - 12, x + 12, y + 12], ...lines.map((d) => [d.x - 7, d.y - 7, d.x + 7, d.y + 7])];
    const named = new Map();
    const labels = chosen.selectAll("text").data(lines).join("text").attr("class", "told small");
    [...lines.keys()].sort((one, other) => Math.abs(lines[other].share) - Math.abs(lines[one].share)).forEach((at) => {
      const d = lines[at];
      if ([...named.keys()].some((other) => lines[other].word === d.word)) return;
      labels.nodes()[at].textContent = d.word;
      const wide = measureText(labels.nodes()[at], d.word);
      const corner = [[d.x + 10, d.y - 8], [d.x - 10 - wide, d.y - 8], [d.x - wide / 2, d.y - 25], [d.x - wide / 2, d.y + 9]].find(([left, high]) => (
        left > 0 && left + wide < width && high > 0 && taken.every(([l, t, r, u]) => left + wide < l || left > r || high + 16 < t || high > u)
      ));
      if (!corner) return;
      named.set(at, corner);
      taken.push([corner[0], corner[1], corner[0] + wide, corner[1] + 16]);
    });
    labels.each(function write(d, at) {
      const [left, high] = named.get(at) ?? [0, 0];
      this.textContent = named.has(at) ? d.word : "";
      this.setAttribute("x", left);
      this.setAttribute("y", high + 12);
    });
    average.attr("cx", x).attr("cy", y).attr("fill", frame.probability > 0.5 ? colours.first : colours.second);
    placeLabel(name, plot, x, y + 30, tidy(frame.told), -40);
    const strong = Math.max(0.5, ...lines.map((word) => Math.abs(word.share)));
    strip.replaceChildren(...lines.map((word, place) => {
      const chip = element("span", `word-share ${word.known === false ? "unknown" : ""}`, word.word);
      chip.style.background = mix(colours.card, word.share > 0 ? colours.first : colours.second, 0.55 * Math.min(1, Math.abs(word.share) / strong));
      if (word.known === false) chip.title = "never seen in training";
      chip.append(element("small", "", told(word.share)));
      chip.lastChild.dataset.number = word.pad ? "padding" : `share${place}`;
      return chip;
    }), element("span", "word-share bias", "bias"));
    strip.lastChild.append(element("small", "", told(frame.bias)));
    strip.lastChild.lastChild.dataset.number = "bias";
    api.say(`${frame.says} ${frame.compared}${frame.compared && " "}After ${api.values.epochs} epochs ${wholePercent(frame.right)} of the training sentences are right, and ${wholePercent(frame.right_on_new)} of new ones.`);
  }

  // A button that asks for a trained model shows that model, and not its training.
  return { update, pace: 6, isDone: ({ epochs }) => epochs > 0 };
}

function drawNeighbors(api) {
  const root = element("div", "neighbors");
  api.root.append(root);

  function makeList(title, found, most, digits) {
    const list = element("div");
    list.append(element("p", "part-name", title));
    for (const { word, value, length, count } of found) {
      const row = button("", () => api.set({ word }));
      row.className = "neighbor";
      const bar = element("i");
      bar.style.setProperty("--share", Math.max(0, value / most));
      row.append(element("b", "", word), bar, element("output", "", value.toFixed(digits)));
      row.title = `length ${format(length, 3)}, ${count} × in the training sentences`;
      list.append(row);
    }
    return list;
  }

  function update(frame) {
    root.replaceChildren(
      makeList(`By cosine: the direction of “${frame.word}”`, frame.by_cosine, 1, 2),
      makeList("By dot product: direction and length", frame.by_dot, frame.by_dot[0].value, 0),
    );
  }

  return { update };
}

export const drawings = { map: drawMap, neighbors: drawNeighbors };
