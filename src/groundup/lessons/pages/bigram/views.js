// Draws a table of pairs of letters, what tables write, and a table that is learned.
import { select } from "/static/vendor/d3.js";

import { element, format, makeRuler, percent } from "/static/views/elements.js";
import { makePlot, tracePath } from "/static/views/plot.js";

const show = (letter) => (letter === " " ? "␣" : letter);
// A share in percent; what one decimal would make 0 has one digit that is not.
const writeShare = (share) => (share > 0 && share < 0.0005 ? `${format(100 * share, 1)}\u00a0%` : percent(share));

// A square for each pair, dark where the share is large; `strong` is a row to mark.
function paintTable(group, shares, letters, side, left, top, strong) {
  const cells = group.selectAll("rect.cell").data(shares.flatMap((row, i) => row.map((share, j) => ({ share, i, j })))).join("rect").attr("class", "cell");
  const laid = `${side} ${left} ${top}`;
  if (group.node().laid !== laid) {
    group.node().laid = laid;
    cells.attr("x", ({ j }) => left + j * side + 0.5).attr("y", ({ i }) => top + i * side + 0.5).attr("width", side - 1).attr("height", side - 1);
  }
  // Only what has changed is touched: there are 729.
  cells.each(function paint({ share, i }) {
    const [fill, opacity] = [i === strong ? "var(--second)" : "var(--first)", share ? (0.05 + 0.95 * Math.min(1, share / 0.5) ** 0.6).toFixed(2) : "0"];
    if (this.style.fill !== fill) this.style.fill = fill;
    if (this.shown !== opacity) { this.shown = opacity; this.setAttribute("fill-opacity", opacity); }
  });
}

// The table, and the row under the finger as bars.
function drawCounts(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;gap:.5rem 1.2rem";
  const left = element("div");
  left.style.cssText = "flex:1.7 1 19rem;min-width:0";
  const right = element("div");
  right.style.cssText = "flex:1 1 11rem;min-width:0";
  place.append(left, right);
  api.root.append(place);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "A table: a row for each letter, a column for the letter after it");
  const table = svg.append("g");
  const names = svg.append("g");
  const touch = svg.append("g");
  const title = element("p");
  title.style.cssText = "margin:0 0 .4rem;font-weight:650";
  const bars = element("div");
  bars.style.cssText = "display:grid;gap:3px";
  right.append(title, bars);
  const measure = makeRuler(left);
  let hovered = null;
  let frame = null;

  function update(next) { frame = next; draw(); }

  function draw() {
    const row = hovered ?? frame.row;
    const { letters } = frame;
    const width = Math.max(270, measure());
    const side = Math.min(14.2, (width - 22) / letters.length);
    const whole = 20 + side * letters.length;
    svg.attr("viewBox", `0 0 ${whole} ${whole}`).attr("height", whole).style("width", `${whole}px`);
    paintTable(table, frame.shares, letters, side, 20, 20, row);
    const told = [...letters.map((letter, i) => ({ x: 20 + (i + 0.5) * side, y: 13, letter, on: false })), ...letters.map((letter, i) => ({ x: 9, y: 20 + (i + 0.75) * side, letter, on: i === row }))];
    names.selectAll("text").data(told).join("text").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", "middle").style("font", "11.5px ui-monospace,monospace")
      .style("fill", ({ on }) => (on ? "var(--second)" : "var(--soft)")).style("font-weight", ({ on }) => (on ? 700 : 400)).text(({ letter }) => show(letter));
    touch.selectAll("rect").data(letters).join("rect").attr("x", 0).attr("y", (_, i) => 20 + i * side).attr("width", whole).attr("height", side).style("fill", "transparent").style("cursor", "pointer")
      .on("pointerenter", (event) => { hovered = touch.selectAll("rect").nodes().indexOf(event.currentTarget); draw(); }).on("pointerleave", () => { hovered = null; draw(); })
      .on("click", (_, letter) => api.set({ letter }));
    const total = frame.counts[row].reduce((a, b) => a + b, 0);
    title.textContent = `after ${show(letters[row])}: ${total.toLocaleString("en-US")} times`;
    const best = letters.map((letter, j) => ({ letter, place: j, count: frame.counts[row][j], share: frame.shares[row][j] })).sort((a, b) => b.count - a.count).slice(0, 12);
    const line = select(bars).selectAll("div").data(best).join((enter) => {
      const made = enter.append("div").style("display", "grid").style("grid-template-columns", "1.2rem 1fr 3.4rem").style("gap", ".4rem").style("align-items", "center").style("font-size", ".9rem");
      made.append("span").attr("class", "name").style("font-family", "ui-monospace,monospace");
      made.append("span").attr("class", "bar").style("height", "14px").style("background", "var(--second)").style("border-radius", "0 3px 3px 0").style("transition", "width .15s");
      made.append("span").attr("class", "share").style("font-variant-numeric", "tabular-nums");
      return made;
    });
    line.select(".name").text(({ letter }) => show(letter));
    line.select(".bar").style("width", ({ share, count }) => (count ? `${100 * share}%` : "0"));
    // Where the shares come from is known of the chosen row.
    const opens = row === frame.row;
    if (!opens) api.numbers?.hide();
    line.select(".share").attr("data-number", ({ place: at }) => (opens ? `share${at}` : null)).text(({ share, count }) => (count ? writeShare(share) : "0"));
    if (hovered !== null) api.say(total ? `After ${show(letters[row])}, ${best.slice(0, 3).map(({ letter, share }) => `${writeShare(share)} ${show(letter)}`).join(", ")}.` : `${show(letters[row])} does not occur in this much text.`);
    else api.say(frame.says);
  }

  return { update };
}

// A text, each letter shaded by how few there were to choose from; below, how much of new text is impossible for each table.
function drawWrite(api) {
  const text = element("p");
  text.style.cssText = "margin:0 0 .6rem;padding:.6rem .8rem;min-height:7em;border:1px solid var(--line);border-radius:.6rem;background:var(--page);font:1.02rem/1.55 ui-monospace,monospace;overflow-wrap:anywhere";
  const place = element("div");
  api.root.append(text, place);
  const plot = makePlot(place, { x: [-0.5, 6.5], y: [0, 0.3], label: "The share of places in new text whose letter has probability 0 in each table", xLabel: "letters back", yLabel: "new letters with probability 0", ratio: 0.3, lowest: 150, tallest: 170, ticks: [7, 3], margin: { left: 44 } });
  const bars = plot.inside.append("g");
  const told = plot.above.append("g");

  function update(frame) {
    text.replaceChildren(...[...frame.text].map((letter, i) => {
      const one = element("span", "", letter);
      one.style.color = frame.choices[i] === 1 ? "var(--soft)" : "var(--first)";
      return one;
    }));
    plot.fit();
    const width = (plot.x(1) - plot.x(0)) * 0.6;
    bars.selectAll("rect").data(frame.impossible).join("rect").attr("x", (_, i) => plot.x(i) - width / 2).attr("width", width).attr("y", (share) => plot.y(share)).attr("height", (share) => plot.y(0) - plot.y(share))
      .attr("rx", 3).style("fill", (_, i) => (i === frame.back ? "var(--second)" : "var(--first)"));
    told.selectAll("text").data(frame.impossible).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("x", (_, i) => plot.x(i)).attr("y", (share) => plot.y(share) - 6).text((share) => (share ? writeShare(share) : "0"));
  }

  return { update };
}

// Left: the learned table and the counted one. Right: the loss, and the floor.
function drawNeural(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:flex-start";
  const left = element("div");
  left.style.cssText = "flex:1.2 1 20rem;min-width:0";
  const right = element("div");
  right.style.cssText = "flex:1 1 15rem;min-width:0";
  place.append(left, right);
  api.root.append(place);
  const svg = select(left).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "The learned table beside the counted table");
  const tables = [svg.append("g"), svg.append("g")];
  const names = svg.append("g");
  const axes = svg.append("g");
  const plot = makePlot(right, { x: [0, 150], y: [2.2, 3.4], label: "The loss of the learned table", xLabel: "step", yLabel: "loss", ratio: 0.7, lowest: 200, tallest: 240, ticks: [4, 5] });
  const floor = plot.inside.append("line").attr("class", "limit");
  const curve = plot.inside.append("path").attr("class", "curve");
  const told = plot.above.append("text").attr("class", "told small").attr("text-anchor", "end");
  api.say("The training starts: the first step takes a moment.");

  function update(frame) {
    const width = Math.max(280, left.clientWidth);
    const edge = 11; // the letters before, and above them the letters after
    const isNarrow = width < 430; // then one table stands below the other, or their letters could not be read
    const side = Math.min(9, isNarrow ? (width - edge) / frame.letters.length : (width - 10 - 2 * edge) / (2 * frame.letters.length));
    const half = side * frame.letters.length;
    const top = 22 + edge;
    const starts = isNarrow ? [[edge, top], [edge, 2 * top + half]] : [[edge, top], [2 * edge + half + 10, top]];
    const high = starts[1][1] + half + 2;
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high);
    // A learned probability is never 0: what is below one in a thousand stays white in both tables.
    const round = (shares) => shares.map((row) => row.map((share) => (share < 0.001 ? 0 : share)));
    [frame.learned, frame.counted].forEach((shares, at) => paintTable(tables[at], round(shares), frame.letters, side, ...starts[at], -1));
    names.selectAll("text").data(["learned", "counted"]).join("text").attr("class", "told").attr("x", (_, at) => starts[at][0]).attr("y", (_, at) => starts[at][1] - top + 13).text((name) => name);
    const marks = starts.flatMap(([start, above]) => frame.letters.flatMap((letter, i) => [{ letter, x: start + (i + 0.5) * side, y: above - 3 }, { letter, x: start - 5, y: above + (i + 0.5) * side + 2.5 }]));
    axes.selectAll("text").data(marks).join("text").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", "middle").style("font", `${Math.min(9, 1.15 * side + 1)}px ui-monospace,monospace`).style("fill", "var(--soft)").text(({ letter }) => show(letter));
    plot.fit({ x: [0, frame.steps] });
    floor.attr("x1", plot.x(0)).attr("x2", plot.x(frame.steps)).attr("y1", plot.y(frame.floor)).attr("y2", plot.y(frame.floor));
    curve.attr("d", tracePath(plot, frame.losses));
    told.attr("x", plot.x(frame.steps) - 4).attr("y", plot.y(frame.floor) + 16).text(`the counted table: ${format(frame.floor, 4)}`);
  }

  return { update };
}

export const drawings = { counts: drawCounts, write: drawWrite, neural: drawNeural };
