// Draws words by their cosines with two words, one row of a table, and two arrows.
import { makeCloud } from "/static/views/cloud.js";
import { makeHandle, makePlot } from "/static/views/plot.js";
import { makeScroller } from "/static/views/scroller.js";
import { readColours } from "/static/views/colours.js";
import { button, element, format } from "/static/views/elements.js";

const MOST_NAMES = 36;
const LETTER = 7.2; // pixels that a letter of a name takes, about

function drawWords(api) {
  const root = element("div", "near");
  api.root.append(root);
  const plot = makePlot(root, { x: [-0.7, 1.08], y: [-0.7, 1.08], label: "Words as places: to the right their cosine with one word, upward their cosine with another", xLabel: " ", yLabel: " ", ratio: 0.5, tallest: 400, lowest: 270 });
  const showCloud = makeCloud(plot.inside.append("g"));
  const lines = plot.inside.append("g").attr("class", "near-lines");
  const rings = plot.inside.append("g");
  const names = plot.above.append("g").style("pointer-events", "none");
  const title = element("p", "part-name");
  const side = element("div", "near-rows");
  const rows = Array.from({ length: 6 }, () => {
    const line = element("div", "near-row");
    const press = button("", () => api.set({ word: press.textContent }));
    const [bar, told] = [element("i"), element("output")];
    line.append(press, bar, told);
    side.append(line);
    return { press, bar, told };
  });
  root.append(title, side);
  let shown = null;
  let pointed = null;

  function findDot(event) {
    if (!shown) return null;
    const box = plot.svg.node().getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const far = shown.places.map(([a, b]) => Math.hypot(plot.x(a) - x, plot.y(b) - y));
    const best = far.indexOf(Math.min(...far));
    return far[best] < 24 ? best : null;
  }
  plot.svg.on("pointermove", (event) => point(findDot(event)))
    .on("pointerleave", () => point(null))
    .on("click", (event) => {
      const found = findDot(event);
      if (found !== null) api.set({ word: shown.words[found] });
    });

  // Lines lead from the word under the mouse to the words nearest to it, or from the chosen word.
  function point(place) {
    if (place === pointed) return;
    pointed = place;
    connect();
  }

  function connect() {
    const { places, near, chosen, nearest } = shown;
    const from = pointed ?? chosen;
    const ends = pointed === null ? nearest.map(({ row }) => row) : near[pointed];
    const at = (row) => [plot.x(places[row][0]), plot.y(places[row][1])];
    lines.selectAll("line").data(ends).join("line").attr("class", "near-line")
      .attr("x1", at(from)[0]).attr("y1", at(from)[1]).attr("x2", (row) => at(row)[0]).attr("y2", (row) => at(row)[1]);
    rings.selectAll("circle").data([from, ...ends]).join("circle").attr("class", (_, place) => (place ? "near-ring" : "near-ring own"))
      .attr("r", 5.5).attr("cx", (row) => at(row)[0]).attr("cy", (row) => at(row)[1]);
    name(from, ends, at);
  }

  // The word, what is near it and the words of the axes get their names first, then the words that lie farthest out, as long as
  // no name covers another.
  function name(from, ends, at) {
    const { places, words, axes, times } = shown;
    const { width } = plot.fit();
    const first = [...new Set([from, ...ends, ...axes])];
    const far = (row) => Math.max(...places[row]);
    const order = [...places.keys()].sort((one, other) => far(other) - far(one));
    const taken = first.map((row) => { const [x, y] = at(row); return [x - 4, y - 4, x + 4, y + 4]; });
    const named = [];
    for (const row of new Set([...first, ...order])) {
      if (named.length >= MOST_NAMES) break;
      const [x, y] = at(row);
      const text = row === pointed ? `${words[row]} (${times[row]} ×)` : words[row];
      const wide = text.length * LETTER;
      const corners = [[x + 6, y - 7], [x - 6 - wide, y - 7], [x - wide / 2, y - 20], [x - wide / 2, y + 6]];
      const free = corners.find(([left, top]) => left > plot.margin.left && left + wide < width && top > 14 && taken.every(([l, t, r, b]) => left + wide < l || left > r || top + 14 < t || top > b));
      if (!free) continue;
      taken.push([free[0], free[1], free[0] + wide, free[1] + 14]);
      named.push({ text, marked: first.includes(row), x: free[0], y: free[1] + 11 });
    }
    names.selectAll("text").data(named).join("text").attr("class", (d) => (d.marked ? "near-name marked" : "near-name"))
      .attr("x", (d) => d.x).attr("y", (d) => d.y).text((d) => d.text);
  }

  function update(frame) {
    const calm = api.isCalm || shown === null;
    shown = frame;
    // The map shows where words are: after the training few cosines are far below 0.
    const least = [0, 1].map((axis) => Math.min(-0.1, ...frame.places.map((place) => place[axis])) - 0.05);
    plot.fit({ x: [least[0], 1.12], y: [least[1], 1.18] });
    const colours = readColours();
    const at = (row) => [plot.x(frame.places[row][0]), plot.y(frame.places[row][1])];
    plot.svg.selectAll(".axis-name").data([`cosine with “${frame.words[frame.axes[0]]}” →`, `↑ cosine with “${frame.words[frame.axes[1]]}”`]).text((words) => words);
    showCloud(frame.places.map((_, row) => {
      const [x, y] = at(row);
      return { x, y, colour: colours.soft };
    }), calm);
    connect();
    title.textContent = `Nearest to “${frame.words[frame.chosen]}”, by cosine`;
    frame.nearest.forEach(({ word, cosine }, place) => {
      const { press, bar, told } = rows[place];
      press.textContent = word;
      bar.style.setProperty("--share", Math.max(0, cosine));
      told.textContent = cosine.toFixed(2).replace("-", "−");
      told.dataset.number = `cosine${place}`;
    });
  }

  // A button that asks for a trained table shows that table, and not its training.
  return { update, pace: 8, isDone: ({ steps }) => steps > 0 };
}

function drawLookup(api) {
  const root = element("div", "lookup");
  const words = element("p", "lookup-words");
  root.append(words);
  api.root.append(root);
  const holder = makeScroller(root);

  function update(frame) {
    words.replaceChildren(...frame.sentence.map((word, place) => {
      const press = button(word, () => api.set({ place: place + 1 }));
      press.setAttribute("aria-pressed", String(place === frame.place));
      return press;
    }));
    const table = element("table", "lookup-table");
    const head = element("tr");
    head.append(element("th", "", "id"), element("th", "", "word"), element("th", "", "one-hot"), element("td"), ...frame.table[0].map((_, column) => element("th", "", `E, column ${column + 1}`)));
    table.append(head);
    frame.rows.forEach((name, row) => {
      const line = element("tr", row === frame.row ? "lit" : "");
      line.append(element("td", "", String(row)), element("td", "", name), element("td", "hot", String(frame.one_hot[row])), element("td", "", "×"), ...frame.table[row].map((number) => element("td", "", format(number))));
      table.append(line);
    });
    const sum = element("tr", "sum");
    sum.append(element("td"), element("td", "", "sum"), element("td"), element("td", "", "="), ...frame.result.map((number) => element("td", "", format(number))));
    table.append(sum);
    holder.replaceChildren(table);
  }

  return { update };
}

function drawLengths(api) {
  const plot = makePlot(api.root, { x: [-9, 9], y: [-1.2, 5.2], label: "Two arrows from the same point", ratio: 0.42, tallest: 340, lowest: 190 });
  const line = plot.inside.append("line").attr("class", "limit");
  const drop = plot.inside.append("line").attr("class", "leg");
  const shadow = plot.inside.append("line").attr("class", "shadow");
  const arrows = ["first", "second"].map((kind) => plot.inside.append("line").attr("class", `arrow ${kind}`));
  const told_ = plot.above.append("text").attr("class", "told");
  const names = ["a", "b"].map((word, place) => plot.above.append("text").attr("class", `arrow-name ${place ? "second" : ""}`).attr("text-anchor", "middle").text(word));
  const handles = ["first", "second"].map((kind, place) => makeHandle(plot, {
    label: `end of the ${kind} arrow`, step: 0.25, kind: place ? "other" : "", bounds: { x: [-8, 8], y: [-1, 5] },
    move: ({ x, y }) => api.set({ arrows: api.values.arrows.map((arrow, at) => (at === place ? [x, y].map((value) => Math.round(4 * value) / 4) : arrow)) }),
  }));

  function update(frame) {
    const { width, height } = plot.fit();
    const unit = (height - plot.margin.top - plot.margin.bottom) / 6.4;
    const wide = (width - plot.margin.left - plot.margin.right) / unit / 2;
    plot.fit({ x: [-wide, wide] });
    const zero = [plot.x(0), plot.y(0)];
    [frame.a, frame.b].forEach(([x, y], place) => {
      arrows[place].attr("x1", zero[0]).attr("y1", zero[1]).attr("x2", plot.x(x)).attr("y2", plot.y(y));
      handles[place].show(x, y);
      // The name stands beside the middle of its arrow, on the side away from the other arrow.
      const size = Math.hypot(x, y) || 1;
      const side = (place ? 1 : -1) * (frame.a[0] * frame.b[1] < frame.a[1] * frame.b[0] ? -1 : 1);
      names[place].attr("x", plot.x(x / 2) - (14 * side * y) / size).attr("y", plot.y(y / 2) - (14 * side * x) / size + 5);
    });
    const [x, y] = frame.a;
    const long = Math.hypot(x, y) || 1;
    line.attr("x1", plot.x((-20 * x) / long)).attr("y1", plot.y((-20 * y) / long)).attr("x2", plot.x((20 * x) / long)).attr("y2", plot.y((20 * y) / long));
    drop.attr("x1", plot.x(frame.b[0])).attr("y1", plot.y(frame.b[1])).attr("x2", plot.x(frame.shadow[0])).attr("y2", plot.y(frame.shadow[1]));
    shadow.attr("x1", zero[0]).attr("y1", zero[1]).attr("x2", plot.x(frame.shadow[0])).attr("y2", plot.y(frame.shadow[1]));
    told_.attr("x", plot.margin.left + 8).attr("y", plot.margin.top + 16).selectAll("tspan")
      .data([["a · b = "], [format(frame.dot, 3), "dot"], [", cosine = "], [frame.cosine.toFixed(2), "cosine"]]).join("tspan").attr("data-number", ([, key]) => key ?? null).text(([text]) => text);
  }

  return { update };
}

export const drawings = { words: drawWords, lookup: drawLookup, lengths: drawLengths };
