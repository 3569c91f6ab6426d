// The boxes of a block, from top to bottom, beside the stream: norm and part stand on a way beside it, which comes back at the plus.
import { select } from "/static/vendor/d3.js";

import { makePair } from "/static/views/elements.js";

const ROW = 46, SPINE = 16, MIDDLE = 100, WIDTH = 114, NARROW = 460;

// Returns { right, isNarrow(), high, draw(boxes) }: a place beside the block (on a phone: below it), and the block's height in pixels.
//   options: label (for readers of the screen), choose(place) (a box was pressed; they are no buttons without it), stream (its colour)
//   boxes: { name, kind (a second line), colour (of the kind and the frame), chosen }
export function makeBlock(root, options) {
  const [left, right] = makePair(root);
  const pair = left.parentElement;
  const svg = select(left).append("svg").attr("class", "plot").attr("role", options.choose ? "group" : "img").attr("aria-label", options.label);
  const stream = svg.append("line").style("stroke", options.stream ?? "var(--second)").attr("stroke-width", 4);
  const wires = svg.append("g").attr("fill", "none").style("stroke", "var(--soft)").attr("stroke-width", 1.6);
  const places = svg.append("g");
  const y = (i) => 34 + i * ROW;
  const high = y(6);
  const isNarrow = () => pair.clientWidth < NARROW;
  const fill = ({ chosen }) => (chosen ? "var(--second)" : "var(--page)");

  function draw(boxes) {
    pair.style.gridTemplateColumns = isNarrow() ? "minmax(0, 1fr)" : "11rem minmax(0, 1fr)";
    svg.attr("viewBox", `0 0 ${Math.max(160, left.clientWidth)} ${high}`).attr("height", high);
    stream.attr("x1", SPINE).attr("x2", SPINE).attr("y1", 4).attr("y2", high - 4);
    wires.selectAll("path").data([0, 3]).join("path").attr("d", (i) => `M${SPINE},${y(i) - 24}H${MIDDLE}V${y(i + 2)}H${SPINE + 12}`);
    const item = places.selectAll("g").data(boxes).join((enter) => {
      const group = enter.append("g");
      group.append("rect").attr("rx", 7).attr("stroke-width", 2);
      group.append("text").attr("class", "name").attr("text-anchor", "middle").style("font-size", "13.5px").style("font-weight", 600);
      group.append("text").attr("class", "kind").attr("text-anchor", "middle").attr("y", 13).style("font-size", "11.5px").style("font-weight", 600);
      if (options.choose) {
        const choose = (event) => options.choose(places.selectAll("g").nodes().indexOf(event.currentTarget));
        group.attr("role", "button").attr("tabindex", 0).style("cursor", "pointer")
          .on("click", choose).on("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(event); } });
      }
      return group;
    }).attr("transform", ({ name }, i) => `translate(${name === "+" ? SPINE : MIDDLE},${y(i)})`);
    if (options.choose) item.attr("aria-label", ({ name }, i) => `box ${i + 1}: ${name === "+" ? "add" : name}`).attr("aria-pressed", ({ chosen }) => chosen);
    item.select("rect").attr("x", ({ name }) => (name === "+" ? -13 : -WIDTH / 2)).attr("width", ({ name }) => (name === "+" ? 26 : WIDTH))
      .attr("y", ({ kind }) => (kind ? -20 : -15)).attr("height", ({ kind }) => (kind ? 40 : 30)).style("fill", fill).style("stroke", (box) => (box.chosen ? "var(--second)" : box.colour ?? "var(--soft)"));
    item.select(".name").attr("y", ({ kind }) => (kind ? -3 : 5)).style("fill", ({ chosen }) => (chosen ? "var(--page)" : "var(--ink)")).text(({ name }) => name);
    item.select(".kind").style("fill", ({ colour }) => colour ?? null).text(({ kind }) => kind ?? "");
  }

  return { right, isNarrow, high, draw };
}
