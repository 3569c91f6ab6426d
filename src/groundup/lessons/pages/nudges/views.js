// Draws what examples wish of a network, and the computation of two layers, forward and backward.
import { readColours, signed } from "/static/views/colours.js";
import { makeDiagram, makeKnob, showTexts, thick } from "/static/views/diagram.js";
import { element, format, makePair } from "/static/views/elements.js";

const LONGEST = 34; // pixels of an arrow

// An arrow beside a node: up where its value should be larger, down where it should be smaller, as long as the wish is strong.
function traceArrow([x, y], wish) {
  const length = Math.sign(wish) * Math.min(LONGEST, 26 * Math.abs(wish));
  if (Math.abs(length) < 3) return "";
  const tip = y - length;
  const back = tip + Math.sign(length) * 7;
  return `M${x},${y} L${x},${tip} M${x - 5},${back} L${x},${tip} L${x + 5},${back}`;
}

function drawWishes(api) {
  const [left, right] = makePair(api.root);
  const diagram = makeDiagram(left, "The network: two inputs, two hidden nodes, two outputs, and what the example wishes of each");
  const wires = diagram.back.append("g");
  const marks = diagram.back.append("g");
  const arrows = diagram.back.append("g");
  const notes = diagram.front.append("g");
  const table = element("table", "wishes");
  right.append(table);

  function update(frame, values) {
    const colours = readColours();
    const height = 300;
    const width = diagram.fit(height);
    const [radius, rows] = [23, [84, 216]];
    const columns = [radius + 8, width * 0.45, width - radius - 44];
    const links = [["W1", 0], ["W2", 1]].flatMap(([layer, at]) => frame.weights[layer].flatMap((row, node) => row.map((weight, behind) => ({
      key: `${layer}${node}${behind}`, weight, from: [columns[at], rows[behind]], to: [columns[at + 1], rows[node]],
    }))));
    wires.selectAll("path").data(links, ({ key }) => key).join("path").attr("class", "wire").attr("d", ({ from, to }) => `M${from} L${to}`)
      .style("stroke", ({ weight }) => (weight >= 0 ? colours.first : colours.second)).style("stroke-width", ({ weight }) => thick(weight, 2)).style("stroke-opacity", 0.55);
    const nodes = [
      ...frame.x.map((value, place) => ({ key: `x${place}`, at: [columns[0], rows[place]], value, name: ["x₁", "x₂"][place] })),
      ...frame.h.map((value, place) => ({ key: `h${place}`, at: [columns[1], rows[place]], value, wish: frame.wishes.hidden[place], off: frame.off[place], name: ["h₁", "h₂"][place] })),
      ...frame.outputs.map((value, place) => ({ key: `o${place}`, at: [columns[2], rows[place]], value, wish: frame.wishes.outputs[place], name: ["orange", "blue"][place] })),
    ];
    const drawn = marks.selectAll("g.node").data(nodes, ({ key }) => key).join((enter) => {
      const group = enter.append("g").attr("class", "node on");
      group.append("circle").attr("r", radius);
      group.append("text").attr("class", "sign").attr("text-anchor", "middle").attr("dy", "0.35em").style("font-size", "12px");
      return group;
    });
    drawn.attr("transform", ({ at }) => `translate(${at})`).classed("dead", ({ off }) => Boolean(off));
    drawn.select("text").text(({ value }) => format(Number(value.toFixed(2))));
    const wishing = nodes.filter(({ wish }) => wish !== undefined);
    arrows.selectAll("path").data(wishing, ({ key }) => key).join("path").attr("class", ({ off }) => `wish-arrow ${off ? "off" : ""}`)
      .attr("d", ({ at: [x, y], wish }) => traceArrow([x + radius + 11, y], wish)).style("stroke", ({ wish }) => (wish >= 0 ? colours.first : colours.second));
    showTexts(notes, [
      ...nodes.map(({ key, at: [x, y], name }) => ({ key: `n${key}`, x, y: y - radius - 8, text: name, kind: "name" })),
      ...wishing.map(({ key, at: [x, y], wish, off }) => ({ key: `w${key}`, number: key, wish, x, y: y + radius + 17, text: write(wish), kind: "gradient strong" })),
      ...wishing.filter(({ off }) => off).map(({ key, at: [x, y] }) => ({ key: `s${key}`, x, y: y + radius + 34, text: "stopped", kind: "name" })),
      ...frame.truth.map((truth, place) => ({ key: `y${place}`, x: columns[2], y: rows[place] + radius + 34, text: `truth ${truth}`, kind: "name" })),
    ]).style("fill", ({ wish }) => (wish === undefined ? null : wish >= 0 ? colours.first : colours.second));
    drawTable(frame, values, colours);
  }

  // One row per weight: what each example wishes, and the mean.
  function drawTable(frame, values, colours) {
    const chosen = ["A", "B", "C", "D"].indexOf(values.example);
    const cell = (wish, number) => ({ text: write(wish), number, fill: signed(Math.max(-1, Math.min(1, wish)) * 0.5, 1, colours) });
    const head = ["wish for", "A", "B", "C", "D", "mean"].map((text) => ({ text }));
    const rows = frame.rows.map(({ name, wishes, mean }, row) => [
      { text: name }, ...wishes.map((wish, column) => cell(wish, column === chosen ? `t${row}-${column}` : null)), cell(mean, `m${row}`),
    ]);
    const last = [{ text: "loss" }, ...[...frame.losses, frame.loss].map((loss) => ({ text: loss.toFixed(2) }))];
    const all = [head, ...rows, last];
    while (table.rows.length < all.length) table.insertRow();
    all.forEach((cells, place) => {
      const row = table.rows[place];
      cells.forEach(({ text, number, fill }, column) => {
        if (!row.cells[column]) row.append(element(place && column ? "td" : "th"));
        const made = row.cells[column];
        if (made.textContent !== text) made.textContent = text; // to write it makes the browser lay the table out
        if (made.fill !== fill) made.style.background = made.fill = fill ?? "";
        made.classList.toggle("chosen", column - 1 === chosen);
        if (number) made.dataset.number = number;
        else delete made.dataset.number;
      });
    });
  }

  return { update, pace: 2 };
}

// A wish: a change, with its sign, to two decimals.
const write = (wish) => (Math.abs(wish) < 0.005 ? "0" : `${wish > 0 ? "+" : "−"}${Math.abs(wish).toFixed(2)}`);

// What each line of the computation lights: the wires and the nodes of the picture.
const LIT = [["x"], ["w", "h"], ["h"], ["v", "p"], ["loss", "l"], ["loss", "p"], ["v"], ["v", "h"], ["h"], ["w"]];

// The lines of the computation below the picture: each is a button that goes to its stage.
function makeLines(api) {
  const both = element("div", "stage-lines");
  const lists = [element("ol"), element("ol")];
  both.append(...lists);
  api.root.append(both);
  const buttons = [];
  return (lines, stage) => {
    while (buttons.length < lines.length) {
      const number = buttons.length + 1;
      const press = element("button");
      press.type = "button";
      press.append(element("span", "formula-line"), element("span", "value"));
      press.addEventListener("click", () => { api.pause(); api.set({ stage: number }); });
      const item = element("li");
      item.append(press);
      lists[Number(lines[number - 1].back)].append(item);
      buttons.push(press);
    }
    buttons.forEach((press, place) => {
      const { formula, value, back } = lines[place];
      const state = stage === place + 1 ? "now" : stage > place ? "done" : "";
      press.className = `${state} ${back ? "backward" : "forward"}`;
      press.setAttribute("aria-current", state === "now" ? "step" : "false");
      press.firstChild.textContent = formula;
      press.lastChild.textContent = state ? value : "";
    });
  };
}

// Two inputs, two hidden nodes, one output: a value above, a gradient below each node.
function drawLayers(api) {
  const diagram = makeDiagram(api.root, "Two layers, with every value and every gradient");
  const wires = diagram.back.append("g");
  const marks = diagram.back.append("g");
  const notes = diagram.front.append("g");
  const names = ["w11", "w12", "w21", "w22", "v1", "v2"];
  const knobs = Object.fromEntries(names.map((name) => [name, makeKnob(diagram.front, {
    name: "", label: `weight ${name}`, low: -3, high: 3, step: 0.1, move: (value) => { api.pause(); api.set({ [name]: value }); },
  })]));

  for (const name of names) knobs[name].group.select(".knob-frame").attr("data-number", name);
  const showLines = makeLines(api);

  function update(frame, values) {
    const { stage } = values;
    const width = diagram.fit(340);
    const small = width < 520;
    const radius = small ? 19 : 26;
    const lit = (from) => stage >= from;
    const now = (part) => LIT[stage].includes(part);
    const [inX, hideX, outX, lossX] = [small ? 26 : 50, width * (small ? 0.49 : 0.45), width * (small ? 0.75 : 0.72), width - (small ? 26 : 60)];
    const rows = [85, 245];
    const middle = 165;
    const links = [
      { name: "w11", from: [inX, rows[0]], to: [hideX, rows[0]], gradient: frame.dW1[0][0], share: small ? 0.56 : 0.5 },
      { name: "w12", from: [inX, rows[1]], to: [hideX, rows[0]], gradient: frame.dW1[0][1], share: small ? 0.27 : 0.7 },
      { name: "w21", from: [inX, rows[0]], to: [hideX, rows[1]], gradient: frame.dW1[1][0], share: small ? 0.27 : 0.7 },
      { name: "w22", from: [inX, rows[1]], to: [hideX, rows[1]], gradient: frame.dW1[1][1], share: small ? 0.56 : 0.5 },
      { name: "v1", from: [hideX, rows[0]], to: [outX, middle], gradient: frame.dW2[0][0], share: 0.5 },
      { name: "v2", from: [hideX, rows[1]], to: [outX, middle], gradient: frame.dW2[0][1], share: 0.5 },
    ];
    const first = (name) => name.startsWith("w");
    const back = { w: 9, v: 6 };
    const direct = ([x1, y1], [x2, y2]) => `M${x1},${y1} L${x2},${y2}`;
    wires.selectAll("path").data([...links, { name: "loss", from: [outX, middle], to: [lossX, middle] }], ({ name }) => name).join("path")
      .attr("class", ({ name }) => `wire ${lit(name === "loss" ? 4 : first(name) ? 1 : 3) ? "on" : ""} ${lit(name === "loss" ? 5 : back[name[0]]) ? "back" : ""} ${now(name === "loss" ? name : name[0]) ? "near" : ""}`)
      .attr("d", ({ from, to }) => direct(from, to))
      .style("stroke-width", ({ name }) => (name === "loss" ? 3 : lit(back[name[0]]) ? thick(links.find((one) => one.name === name).gradient, 6) : thick(values[name], 3)));
    for (const { name, from, to, share } of links) {
      knobs[name].show(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, values[name]);
      knobs[name].group.select(".knob-frame").classed("blamed", lit(back[name[0]])).classed("now", now(name[0]));
    }
    const nodes = [
      { key: "x1", at: [inX, rows[0]], sign: "x₁", on: 0, back: 99 }, { key: "x2", at: [inX, rows[1]], sign: "x₂", on: 0, back: 99 },
      { key: "h1", at: [hideX, rows[0]], sign: "ReLU", on: 2, back: 7, off: frame.z1[0] <= 0 }, { key: "h2", at: [hideX, rows[1]], sign: "ReLU", on: 2, back: 7, off: frame.z1[1] <= 0 },
      { key: "p", at: [outX, middle], sign: "ŷ", on: 3, back: 5 }, { key: "l", at: [lossX, middle], sign: "loss", on: 4, back: 5 },
    ];
    const drawn = marks.selectAll("g.node").data(nodes, ({ key }) => key).join((enter) => {
      const group = enter.append("g").attr("class", "node");
      group.append("circle");
      group.append("text").attr("class", "sign").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    });
    drawn.attr("transform", ({ at }) => `translate(${at})`).classed("on", ({ on }) => lit(on)).classed("back", ({ back }) => lit(back)).classed("dead", ({ off, on }) => Boolean(off) && lit(on)).classed("now", ({ key }) => now(key[0]));
    drawn.select("circle").attr("r", radius);
    drawn.select("text").text(({ sign }) => sign).style("font-size", ({ sign }) => (sign.length > 2 ? (small ? "10.5px" : "13px") : "15px"));
    const change = (before, after) => (small || before === after ? format(after, 3) : `${format(before, 3)} → ${format(after, 3)}`);
    const up = (y) => y - radius - 8;
    const down = (y) => y + radius + 17;
    const gradients = links.map(({ name, from, to, share, gradient }) => ({
      key: `g${name}`, number: `d${name}`, x: from[0] + (to[0] - from[0]) * share, y: from[1] + (to[1] - from[1]) * share + 28,
      text: `∂ ${format(gradient, 3)}`, kind: "gradient strong", on: lit(back[name[0]]),
    }));
    showTexts(notes, [
      { key: "x1", number: "x1", x: inX, y: up(rows[0]), text: format(frame.x[0], 3), kind: "value" },
      { key: "x2", number: "x2", x: inX, y: up(rows[1]), text: format(frame.x[1], 3), kind: "value" },
      { key: "h1", number: lit(2) ? "h1" : "z1", x: hideX, y: up(rows[0]), text: lit(2) ? change(frame.z1[0], frame.h[0]) : `z ${format(frame.z1[0], 3)}`, kind: "value", on: lit(1) },
      { key: "h2", number: lit(2) ? "h2" : "z2", x: hideX, y: up(rows[1]), text: lit(2) ? change(frame.z1[1], frame.h[1]) : `z ${format(frame.z1[1], 3)}`, kind: "value", on: lit(1) },
      { key: "p", number: "p", x: outX, y: up(middle), text: format(frame.prediction, 3), kind: "value", on: lit(3) },
      { key: "l", number: "loss", x: lossX, y: up(middle), text: format(frame.loss, 3), kind: "value", on: lit(4) },
      { key: "y", number: "truth", x: lossX, y: middle + radius + 38, text: `y = ${format(values.truth, 3)}`, kind: "name" },
      { key: "dp", number: "dp", x: outX, y: down(middle), text: `∂ ${format(frame.d_prediction, 3)}`, kind: "gradient strong", on: lit(5) },
      { key: "d1", number: lit(8) ? "dz1" : "dh1", x: hideX, y: down(rows[0]), text: lit(8) ? `∂ ${change(frame.dh[0], frame.dz1[0])}` : `∂ ${format(frame.dh[0], 3)}`, kind: "gradient strong", on: lit(7) },
      { key: "d2", number: lit(8) ? "dz2" : "dh2", x: hideX, y: down(rows[1]), text: lit(8) ? `∂ ${change(frame.dh[1], frame.dz1[1])}` : `∂ ${format(frame.dh[1], 3)}`, kind: "gradient strong", on: lit(7) },
      ...gradients,
    ]);
    showLines(frame.lines, stage);
    api.say(frame.told[stage]);
  }

  return { update, local: ["stage"], pace: 0.9 };
}

export const drawings = { wishes: drawWishes, layers: drawLayers };
