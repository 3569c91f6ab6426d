// Draws a border between tumours with its sigmoid and its mistakes, a line against a curve, and what a score costs.
import { element, format, makeLine, percent } from "/static/views/elements.js";
import { divide } from "/static/views/landscape.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const COLOURS = ["var(--first)", "var(--second)"];
// Dots that would hide each other are spread a little, always in the same way.
const spread = (place) => ((place * 0.618034) % 1) - 0.5;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Arrow keys move the threshold itself, in place of the point that stands for it.
function turnByKeys(grip, api) {
  grip.group.on("keydown", (event) => {
    const change = { ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01 }[event.key];
    if (!change) return;
    event.preventDefault();
    api.set({ threshold: Math.round(clamp(api.values.threshold + change * (event.shiftKey ? 10 : 1), 0.02, 0.98) * 100) / 100 });
  });
}

function drawBorder(api) {
  const [left, right] = divide(api.root, [{ share: 5, least: 260, most: 470 }, { share: 3, least: 220 }]);
  const plot = makePlot(left, { label: "Tumours by two measurements, and the border", xLabel: " ", yLabel: " ", ratio: 0.98, tallest: 400, margin: { top: 26 } });
  const names = plot.svg.selectAll(".axis-name").nodes();
  const side = plot.inside.append("path").attr("fill", "var(--second)").attr("fill-opacity", 0.1);
  const dots = plot.inside.append("g");
  const border = plot.inside.append("line").attr("stroke", "var(--ink)").attr("stroke-width", 2.5);
  const yes = plot.above.append("text").attr("class", "told").style("fill", "var(--second)").text("malignant");
  const no = plot.above.append("text").attr("class", "told").style("fill", "var(--first)").text("benign");
  let shown = null;
  let placed = "";
  const toThreshold = (x, y) => {
    const away = ([, a, b]) => Math.hypot(plot.x(a) - plot.x(x), plot.y(b) - plot.y(y));
    return shown.rail.reduce((nearest, row) => (away(row) < away(nearest) ? row : nearest))[0];
  };
  const grip = makeHandle(plot, {
    label: "border", step: 0.3, move: ({ x, y }) => { if (shown.rail.length) api.set({ threshold: toThreshold(x, y) }); },
    text: () => `threshold ${format(api.values.threshold, 2)}`,
  });
  turnByKeys(grip, api);

  const bend = makePlot(right, { x: [-12, 12], y: [-0.3, 1.3], label: "The sigmoid: from score to probability", xLabel: "score z", yLabel: "probability of malignant", ratio: 0.7, lowest: 190, tallest: 230, ticks: [5, 5], margin: { top: 26, bottom: 36, left: 40 } });
  const cutName = bend.above.append("text").attr("class", "told small");
  const cloud = bend.inside.append("g");
  const curve = bend.inside.append("path").attr("class", "curve").style("stroke", "var(--ink)");
  const cut = bend.inside.append("line").attr("class", "limit").style("stroke", "var(--ink)");
  const level = makeHandle(bend, {
    label: "threshold", axis: "y", step: 0.01, radius: 8, bounds: { y: [0.02, 0.98] },
    move: ({ y }) => api.set({ threshold: Math.round(y * 100) / 100 }), text: ({ y }) => format(y, 2),
  });
  const matrix = element("table");
  matrix.style.cssText = "width:100%;border-collapse:separate;border-spacing:.25rem;margin:.3rem 0 0;font-variant-numeric:tabular-nums;text-align:center;table-layout:fixed";
  matrix.setAttribute("aria-label", "confusion matrix");
  right.append(matrix);
  const head = matrix.insertRow();
  for (const text of ["", "called malignant", "called benign"]) {
    const made = element(text ? "th" : "td", "", text);
    made.style.cssText = "font-size:.8rem;font-weight:500;color:var(--soft);padding:.1rem;text-align:center;border:0";
    head.append(made);
  }
  const cells = {};
  for (const [title, ...kinds] of [["malignant", ["found", "good"], ["overlooked", "bad"]], ["benign", ["alarms", "bad"], ["cleared", "good"]]]) {
    const row = matrix.insertRow();
    const name = element("th", "", `really ${title}`);
    name.style.cssText = "font-size:.8rem;font-weight:500;color:var(--soft);padding:.1rem .4rem;text-align:right;border:0";
    row.append(name);
    for (const [kind, colour] of kinds) {
      const made = row.insertCell();
      made.style.cssText = `border:0;text-align:center;padding:.25rem .2rem;border-radius:.4rem;background:color-mix(in srgb,var(--${colour}) 14%,transparent)`;
      const number = element("strong");
      number.style.fontSize = "1.15rem";
      number.dataset.number = kind;
      const word = element("div", "", { found: "found", overlooked: "overlooked", alarms: "false alarms", cleared: "cleared" }[kind]);
      word.style.cssText = "font-size:.78rem;color:var(--soft)";
      made.append(number, word);
      cells[kind] = number;
    }
  }

  const shares = element("p");
  shares.style.cssText = "display:grid;grid-template-columns:repeat(3,1fr);margin:.2rem 0 0;font-size:.8rem;line-height:1.35;color:var(--soft);text-align:center;font-variant-numeric:tabular-nums";
  right.append(shares);
  const told = Object.fromEntries(["accuracy", "precision", "recall"].map((name) => {
    const [part, number] = [element("span", "", name), element("b")];
    number.style.cssText = "color:var(--ink);font-size:.95rem";
    number.dataset.number = name;
    part.append(element("br"), number);
    shares.append(part);
    return [name, number];
  }));
  // An open count shows which tumours it counts: the others fade.
  let opened = null;
  const fade = () => {
    const counts = opened in cells;
    const named = new Set(counts ? shown.origins[opened].terms.flatMap(({ factors }) => factors.map(({ key }) => key)) : []);
    const paint = (group) => group.selectAll("circle").style("opacity", (_, place) => (counts && shown.cells[place] !== opened ? 0.12 : 1))
      .style("stroke", (_, place) => (named.has(`t${place}`) ? "var(--ink)" : null)).style("stroke-width", 1.5);
    paint(dots);
    paint(cloud);
  };
  api.root.addEventListener("number-opened", ({ detail }) => { opened = detail; if (shown) fade(); });

  function update(frame, { threshold }) {
    shown = frame;
    plot.fit({ x: frame.ranges[0], y: frame.ranges[1] });
    names[0].textContent = frame.names[0];
    names[1].textContent = frame.names[1];
    bend.fit();
    // The tumours stay where they are while threshold and steps change: hundreds of marks are not touched.
    const wanted = JSON.stringify([frame.names, plot.x.range(), plot.y.range(), bend.x.range(), bend.y.range()]);
    if (wanted !== placed) {
      placed = wanted;
      dots.selectAll("circle").data(frame.points).join("circle").attr("r", 3.2).attr("fill-opacity", 0.72)
        .attr("fill", ([, , kind]) => COLOURS[kind]).attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y));
      cloud.selectAll("circle").data(frame.points).join("circle").attr("r", 2.2).attr("fill-opacity", 0.55).attr("fill", ([, , kind]) => COLOURS[kind])
        .attr("cy", ([, , kind], place) => bend.y((kind ? 1.16 : -0.16) + spread(place) * 0.2));
    }
    const trained = frame.border.length > 0;
    for (const mark of [side, border, yes, no, grip.group]) mark.attr("display", trained ? null : "none");
    if (trained) {
      const [[x1, y1], [x2, y2]] = frame.border.map(([x, y]) => [plot.x(x), plot.y(y)]);
      border.attr("x1", x1).attr("y1", y1).attr("x2", x2).attr("y2", y2);
      const [from, to] = [frame.rail[0], frame.rail.at(-1)].map(([, x, y]) => [plot.x(x), plot.y(y)]);
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
      const push = [((to[0] - from[0]) / length) * 3000, ((to[1] - from[1]) / length) * 3000];
      side.attr("d", `M${x1},${y1}L${x2},${y2}L${x2 + push[0]},${y2 + push[1]}L${x1 + push[0]},${y1 + push[1]}Z`);
      const row = frame.rail.reduce((nearest, one) => (Math.abs(one[0] - threshold) < Math.abs(nearest[0] - threshold) ? one : nearest));
      grip.show(clamp(row[1], ...frame.ranges[0]), clamp(row[2], ...frame.ranges[1]));
      const edge = plot.x(frame.ranges[0][1]);
      yes.attr("text-anchor", "end").attr("x", edge - 6).attr("y", plot.y(frame.ranges[1][0]) - 8);
      no.attr("x", plot.x(frame.ranges[0][0]) + 6).attr("y", plot.y(frame.ranges[1][0]) - 8);
    }
    cloud.selectAll("circle").each(function follow(_, place) {
      const x = bend.x(clamp(frame.points[place][3], -11.7, 11.7)).toFixed(1);
      if (this.at !== x) { this.at = x; this.setAttribute("cx", x); }
    });
    curve.attr("d", tracePath(bend, frame.curve));
    cut.attr("x1", bend.x(frame.z)).attr("x2", bend.x(frame.z)).attr("y1", bend.y(-0.3)).attr("y2", bend.y(1.3));
    placeLabel(cutName, bend, bend.x(frame.z), bend.y(threshold) + (threshold > 0.5 ? 20 : -12), `threshold ${format(threshold, 2)}`, 14);
    level.show(frame.z, threshold);
    for (const kind of Object.keys(cells)) cells[kind].textContent = frame[kind];
    for (const name of Object.keys(told)) told[name].textContent = frame[name] === null ? "–" : percent(frame[name]);
  }

  // A question moves the threshold of the trained border, and nothing is trained again; buttons, at 0.5, show how it learns.
  return { update, pace: 10, isDone: ({ threshold }) => threshold !== 0.5 };
}

// The share found against the share of false alarms: a point for each threshold.
function drawRoc(api) {
  const [left, right] = divide(api.root, [{ share: 1, least: 260, most: 380 }, { share: 1, least: 220 }]);
  const plot = makePlot(left, { x: [0, 1], y: [0, 1.02], label: "The ROC curve", xLabel: "share of false alarms", yLabel: "share found (recall)", ratio: 0.95, tallest: 360, ticks: [5, 5], margin: { top: 26 } });
  const field = plot.inside.append("path").attr("fill", "var(--first)").attr("fill-opacity", 0.12);
  const chance = plot.inside.append("path").attr("class", "limit");
  const curve = plot.inside.append("path").attr("class", "curve");
  const lines = ["found: %", "false alarms: %", "precision: %", "area under the curve: %"].map((words) => makeLine(right, words));
  let shown = null;
  const grip = makeHandle(plot, {
    label: "threshold on the ROC curve", step: 0.02, text: () => `threshold ${format(api.values.threshold, 2)}`,
    move: ({ x, y }) => {
      const away = ([, alarms, found]) => Math.hypot(alarms - x, found - y);
      api.set({ threshold: shown.rail.reduce((nearest, row) => (away(row) < away(nearest) ? row : nearest))[0] });
    },
  });
  turnByKeys(grip, api);

  function update(frame) {
    shown = frame;
    plot.fit();
    curve.attr("d", tracePath(plot, frame.curve));
    field.attr("d", `${tracePath(plot, frame.curve)}L${plot.x(1)},${plot.y(0)}Z`);
    chance.attr("d", tracePath(plot, [[0, 0], [1, 1]]));
    grip.show(frame.alarms, frame.found);
    const told = [[percent(frame.found), "found"], [percent(frame.alarms), "alarms"], [frame.precision === null ? "–" : percent(frame.precision), "precision"], [frame.area.toFixed(3), "area"]];
    told.forEach((row, place) => lines[place]([row]));
  }

  return { update };
}

// The same answers with a straight line and with a curve; new patients are dragged along.
function drawLine(api) {
  const plot = makePlot(api.root, { x: [5, 62], y: [-0.5, 2], label: "Tumours by radius, a straight line and a curve", xLabel: "mean radius of the nuclei", yLabel: "1 = malignant", ratio: 0.5, lowest: 260, tallest: 380, ticks: [api.root.clientWidth < 480 ? 5 : 10, 5], margin: { top: 44 } });
  const rule = [0, 1].map(() => plot.inside.append("line").attr("stroke", "var(--line)").attr("stroke-width", 1.5));
  const dots = plot.inside.append("g");
  const marks = ["second", "first"].map((colour) => ({
    curve: plot.inside.append("path").attr("class", "curve").style("stroke", `var(--${colour === "second" ? "bad" : "good"})`),
    border: plot.inside.append("line").attr("class", "limit").style("stroke", `var(--${colour === "second" ? "bad" : "good"})`).style("stroke-width", 2),
    name: plot.above.append("text").attr("class", "told small").style("fill", `var(--${colour === "second" ? "bad" : "good"})`),
  }));
  const news = plot.above.append("text").attr("class", "told");
  const grip = makeHandle(plot, {
    label: "radius of the new patients", axis: "x", step: 0.5, kind: "other", bounds: { x: [20, 60] },
    move: ({ x }) => api.set({ radius: Math.round(x * 2) / 2, extra: api.values.extra || 20 }), text: ({ x }) => format(x, 3),
  });

  function update(frame, { extra, radius }) {
    plot.fit();
    rule.forEach((mark, y) => mark.attr("x1", plot.x(5)).attr("x2", plot.x(62)).attr("y1", plot.y(y)).attr("y2", plot.y(y)));
    dots.selectAll("circle").data(frame.points).join("circle").attr("r", 2.6).attr("fill-opacity", 0.5).attr("fill", ([, kind]) => COLOURS[kind])
      .attr("cx", ([x]) => plot.x(x)).attr("cy", ([, kind], place) => plot.y(kind + spread(place) * 0.16));
    [["line", "straight line", 32], ["curve", "curve", 14]].forEach(([kind, name, height], place) => {
      const { curve, border, name: label } = marks[place];
      const at = frame.borders[place];
      curve.attr("d", tracePath(plot, frame[kind]));
      border.attr("x1", plot.x(at)).attr("x2", plot.x(at)).attr("y1", plot.y(-0.5)).attr("y2", plot.y(2));
      placeLabel(label, plot, plot.x(at), height, `border of the ${name}: ${format(at, 3)}`, 6);
    });
    grip.show(radius, 1);
    grip.group.style("opacity", extra ? 1 : 0.55);
    placeLabel(news, plot, plot.x(radius), plot.y(1) + (extra ? 28 : 28), extra ? `${extra} new patients` : "drag: new patients", 0);
  }

  return { update };
}

// Loss and slope of a malignant tumour, for every score.
function drawSurprise(api) {
  const places = divide(api.root, [{ share: 1, least: 250 }, { share: 1, least: 250 }]);
  const panels = [["loss", 1, [0, 8]], ["slope along z", 2, [-1.1, 0.15]]].map(([label, column, y], number) => {
    const plot = makePlot(places[number], { x: [-8, 8], y, label, xLabel: "score z", yLabel: label, ratio: 0.8, tallest: 300, ticks: [5, 5], margin: { top: 18 } });
    const curves = [["log", "second"], ["square", "first"]].map(([kind, colour], place) => ({
      kind, place, column,
      curve: plot.inside.append("path").attr("class", "curve").style("stroke", `var(--${colour})`),
      name: plot.above.append("text").attr("class", "told small").style("fill", `var(--${colour})`),
      grip: makeHandle(plot, {
        label: `score, on the ${kind === "log" ? "log loss" : "squared error"}`, axis: "x", step: 0.1, radius: 7, kind: place ? "" : "other",
        move: ({ x }) => api.set({ score: Math.round(x * 10) / 10 }), text: ({ x }) => format(x, 3),
      }),
    }));
    return { plot, curves };
  });

  // Only as far to the left as the score has been: the rest of a curve would answer what is asked.
  let least = Infinity;

  function update(frame) {
    least = Math.min(least, frame.at[0][0]);
    panels.forEach(({ plot, curves }) => {
      plot.fit();
      for (const { kind, place, column, curve, name, grip } of curves) {
        curve.attr("d", tracePath(plot, frame[kind].filter((row) => row[0] >= least).map((row) => [row[0], row[column]])));
        const row = frame.at[place];
        grip.show(row[0], row[column]);
        // In the corner that no curve reaches: the loss falls to the right, and its slope rises to 0.
        const height = column === 1 ? plot.y(8) + 18 + 20 * place : plot.y(-1.1) - 30 + 20 * place;
        name.attr("data-number", `${kind}${column}`).attr("text-anchor", "end").attr("x", plot.x(8) - 6).attr("y", height)
          .text(`${kind === "log" ? "log loss" : "squared error"} ${format(row[column], 3)}`);
      }
    });
  }

  return { update };
}

export const drawings = { border: drawBorder, roc: drawRoc, line: drawLine, surprise: drawSurprise };
