// Draws computation graphs: values flow forward, gradients flow back.
import { bend, makeDiagram, makeKnob, showTexts, thick } from "/static/views/diagram.js";
import { element, format } from "/static/views/elements.js";

// Where each box of a graph stands: levels from left to right, evenly spread from top to bottom, near what it uses.
function arrange(boxes, wires, levels, width, height) {
  const rows = Array.from({ length: levels + 1 }, () => []);
  boxes.forEach((box, number) => rows[box.level].push(number));
  const share = new Map();
  rows.forEach((row) => {
    const wish = (number) => {
      const used = wires.filter((wire) => wire.to === number).map((wire) => share.get(wire.from));
      return used.length ? used.reduce((sum, value) => sum + value, 0) / used.length : boxes[number].level + number / 100;
    };
    const sorted = [...row].sort((one, other) => wish(one) - wish(other));
    sorted.forEach((number, place) => share.set(number, (place + 1) / (sorted.length + 1)));
  });
  const edge = 40;
  return boxes.map((box, number) => [edge + ((width - 2 * edge) * box.level) / Math.max(1, levels), 20 + share.get(number) * (height - 40)]);
}

function drawGraph(api) {
  const diagram = makeDiagram(api.root, "The expression as a graph");
  const wires = diagram.back.append("g");
  const marks = diagram.front.append("g");
  const notes = diagram.front.append("g");
  let pointed = null;

  function update(frame, values) {
    const { boxes, levels } = frame;
    const height = 320;
    const width = diagram.fit(height);
    const small = width < 520;
    const radius = Math.min(small ? 18 : 25, (width - 80) / Math.max(1, levels) / 2.6);
    // Where columns are narrow, the numbers of every second one stand a line farther out.
    const aside = (box) => ((width - 80) / Math.max(1, levels) < 70 && box.level % 2 ? 15 : 0);
    const places = arrange(boxes, frame.wires, levels, width, height);
    const last = 2 * levels + 1;
    const high = api.player.high;
    // Play ends where this graph ends.
    if (values.stage < high && values.stage >= last) api.set({ stage: high });
    const stage = Math.min(values.stage, last);
    const known = (level) => stage >= level;
    const back = (level) => stage > levels && stage - levels - 1 >= levels - level;
    const near = (wire) => pointed === wire.from || pointed === wire.to;
    const drawn = frame.wires.map((wire) => {
      const twins = frame.wires.filter((other) => other.from === wire.from && other.to === wire.to).length;
      const shift = twins > 1 ? (wire.argument - 0.5) * radius * 1.5 : 0;
      const [[x1, y1], [x2, y2]] = [places[wire.from], places[wire.to]];
      // A wire that passes other columns makes a bow around their boxes.
      const bow = boxes[wire.to].level - boxes[wire.from].level > 1 ? (y1 <= height / 2 + 1 && y1 < height * 0.4 ? -1 : 1) * 78 : 0;
      const lean = (x2 - x1) * 0.3;
      return {
        ...wire, key: `${wire.from}-${wire.to}-${wire.argument}`,
        path: bow ? `M${x1},${y1} C${x1 + lean},${y1 + bow} ${x2 - lean},${y2 + bow} ${x2},${y2}` : bend([x1, y1 + shift * 0.6], [x2, y2 + shift]),
        told: [(x1 + x2) / 2, (y1 + y2) / 2 + (bow ? bow * 0.75 : shift * 0.8) + (shift > 0 || bow > 0 ? 16 : -6)],
      };
    });
    wires.selectAll("path").data(drawn, (wire) => wire.key).join("path")
      .attr("class", (wire) => `wire ${known(boxes[wire.to].level) ? "on" : ""} ${back(boxes[wire.to].level - 1) ? "back" : ""} ${near(wire) ? "near" : ""}`)
      .attr("d", (wire) => wire.path)
      .style("stroke-width", (wire) => (back(boxes[wire.to].level - 1) ? thick(wire.back, 6) : 2));
    const nodes = marks.selectAll("g.node").data(boxes).join((enter) => {
      const group = enter.append("g").attr("class", "node");
      group.append("circle");
      group.append("text").attr("class", "sign").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    });
    nodes.attr("transform", (_, number) => `translate(${places[number]})`)
      .classed("on", (box) => known(box.level)).classed("back", (box) => back(box.level))
      .attr("tabindex", 0).attr("role", "img")
      .attr("aria-label", (box) => `${box.label}: value ${format(box.value)}, gradient ${format(box.gradient)}`)
      .on("pointerenter focus", (event, box) => { pointed = boxes.indexOf(box); tell(frame, pointed); update(frame, api.values); })
      .on("pointerleave blur", () => { pointed = null; api.say(frame.says); update(frame, api.values); });
    nodes.select("circle").attr("r", radius);
    nodes.select("text").text((box) => box.label).style("font-size", (box) => `${radius * (box.label.length > 5 ? 0.4 : box.label.length > 3 ? 0.48 : 0.72)}px`);
    showTexts(notes, [
      ...boxes.map((box, number) => ({
        key: `v${number}`, number: `v${number}`, x: places[number][0], y: places[number][1] - radius - 7 - aside(box), text: format(box.value, 3), kind: "value", on: known(box.level),
      })),
      ...boxes.map((box, number) => ({
        key: `g${number}`, number: `g${number}`, x: places[number][0], y: places[number][1] + radius + 16 + aside(box), text: `∂ ${format(box.gradient, 3)}`, kind: "gradient strong", on: back(box.level),
      })),
      ...drawn.map((wire) => ({
        key: `w${wire.key}`, number: `w${wire.key}`, x: wire.told[0], y: wire.told[1],
        text: format(wire.back, 3), kind: "gradient", on: back(boxes[wire.to].level - 1) && ((width - 80) / Math.max(1, levels) > 105 || boxes[wire.from].arriving.length > 1),
      })),
    ]);
    if (pointed === null) api.say(describe(frame, stage, levels));
  }

  function describe(frame, stage, levels) {
    if (stage <= levels) return `Forward: the values of column ${stage + 1} of ${levels + 1} are computed.`;
    if (stage === levels + 1) return "Backward: the gradient of the result with respect to itself is 1.";
    return stage >= 2 * levels + 1 ? frame.says : "Backward: each circle multiplies what arrives by its local derivative and passes it on.";
  }

  function tell(frame, number) {
    const box = frame.boxes[number];
    const used = frame.wires.filter((wire) => wire.to === number).map((wire) => `${format(wire.local)} for ${frame.boxes[wire.from].label}`);
    const arrived = box.arriving.map((value) => format(value)).join(api.values.add ? " + " : ", ");
    const local = used.length ? ` Its local derivatives: ${used.join(", ")}.` : "";
    api.say(`${box.label} has the value ${format(box.value)}.${local} What arrives: ${arrived}${box.arriving.length > 1 ? `; its gradient is ${format(box.gradient)}` : ""}.`);
  }

  return { update, local: ["stage"], pace: 1.1 };
}

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

export const drawings = { graph: drawGraph, layers: drawLayers };
