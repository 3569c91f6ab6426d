// Draws computation graphs: values flow forward, gradients flow back; and a descent with gradients that pile up.
import { readColours } from "/static/views/colours.js";
import { bend, makeDiagram, showTexts, thick } from "/static/views/diagram.js";
import { format, makeLine } from "/static/views/elements.js";
import { keepNear, makePlot, tracePath } from "/static/views/plot.js";

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

const FIELD = { x: [-2, 8], y: [-6, 100] };

// The ball on (2w − 6)², where each step has led it, and the gradient that it follows.
function drawClear(api) {
  const plot = makePlot(api.root, { ...FIELD, label: "The height of w, and the steps", xLabel: "w", yLabel: "(2w − 6)²", ratio: 0.4, tallest: 260 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const dots = plot.inside.append("g");
  const ball = plot.inside.append("circle").attr("class", "corner").attr("r", 9);
  const showGradient = makeLine(api.root, "gradient that the last step followed: %");

  function update(frame) {
    plot.fit();
    curve.attr("d", tracePath(plot, frame.curve));
    const places = frame.path.map((w, step) => [w, frame.heights[step]]);
    dots.selectAll("circle").data(places).join("circle").attr("class", "corner").attr("r", 4).attr("cx", ([w]) => keepNear(plot.x(w))).attr("cy", ([, height]) => keepNear(plot.y(height)));
    const [w, height] = places.at(-1);
    ball.style("fill", readColours().first).attr("cx", keepNear(plot.x(w))).attr("cy", keepNear(plot.y(height)));
    showGradient([[frame.followed.length ? format(frame.followed.at(-1)) : "–", "g"]]);
  }

  return { update, pace: 4 };
}

export const drawings = { graph: drawGraph, clear: drawClear };
