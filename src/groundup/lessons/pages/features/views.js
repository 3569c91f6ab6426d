// Draws a table of people times weights, and the weights that training finds.
import { element, format, makePair, opening } from "/static/views/elements.js";
import { makePlot, tracePath } from "/static/views/plot.js";

// A matrix product, one row at a time.
function drawPeople(api) {
  const table = element("table");
  table.style.cssText = "width:100%;border-collapse:separate;border-spacing:0 .25rem;font-variant-numeric:tabular-nums;text-align:right;font-size:clamp(.74rem,2.5vw,1rem)";
  const box = element("div", "scroll");
  box.tabIndex = 0;
  box.style.overflowX = "auto";
  box.append(table);
  api.root.append(box);
  const cell = (row, text, style = "", tag = "td") => {
    const made = element(tag, "", text);
    made.style.cssText = `padding:.4rem clamp(.06rem,calc(1.4vw - .28rem),.55rem);text-align:right;${tag === "td" ? "white-space:nowrap;" : ""}${style}`;
    row.append(made);
    return made;
  };

  const mark = (text, key) => {
    const made = element("span", "", text);
    made.dataset.number = key;
    return made;
  };

  function update(frame, { row }) {
    table.replaceChildren();
    const head = table.insertRow();
    for (const name of ["", "height at ten", "father", "mother", "bias", "ŷ, cm", "y, cm"]) cell(head, name, "font-weight:500;color:var(--soft);font-size:.88em", name ? "th" : "td");
    const weights = table.insertRow();
    cell(weights, "weights w", "text-align:left;color:var(--second);font-weight:650");
    [...frame.weights, frame.bias].forEach((value, column) => cell(weights, "", "color:var(--second);font-weight:650;border-bottom:2px solid var(--second)").append(mark(format(value, 4), `w${column}`)));
    cell(weights, "");
    cell(weights, "");
    frame.X.forEach((numbers, place) => {
      const line = table.insertRow();
      const lit = place === row - 1;
      const tint = lit ? "background:color-mix(in srgb,var(--first) 16%,transparent);" : "";
      cell(line, `child ${place + 1}`, `${tint}text-align:left;border-radius:.4rem 0 0 .4rem;${lit ? "font-weight:650;" : ""}`);
      numbers.forEach((x, column) => {
        const made = cell(line, "", tint);
        made.append(mark(format(Number(x.toFixed(3))), `x${place}_${column}`));
        if (!lit) return;
        const product = element("div", "", `× ${format(frame.weights[column], 3)} = ${format(Number(frame.products[place][column].toFixed(2)))}`);
        product.style.cssText = "font-size:.85em;color:var(--ink);white-space:normal";
        made.append(product);
      });
      cell(line, lit ? `+ ${format(frame.bias, 4)}` : "", tint);
      cell(line, "", `${tint}font-weight:650;`).append(mark(frame.predictions[place].toFixed(1), `y${place}`));
      cell(line, `${frame.truth[place].toFixed(1)}`, `${tint}color:var(--soft);border-radius:0 .4rem .4rem 0`);
    });
  }

  return { update, pace: 1 };
}

const LARGEST = 6; // the longest bar, in cm per standard deviation

// A bar for each weight, and the typical error along the steps.
function drawWeights(api) {
  const [left, right] = makePair(api.root);
  left.append(element("p", "part-name", "The weights, in cm per standard deviation"));
  right.append(element("p", "part-name", "The typical error, in cm"));
  const table = element("table", "weight-bars");
  left.append(table);
  const plot = makePlot(right, { x: [0, 60], y: [7, 10], label: "The typical error after each step", xLabel: "steps", ratio: 0.6, tallest: 220 });
  const curve = plot.inside.append("path").attr("class", "curve");
  const ball = plot.above.append("circle").attr("class", "corner").attr("r", 6).style("fill", "var(--first)");
  const rows = [];

  function update(frame) {
    frame.names.forEach((name, place) => {
      if (!rows[place]) {
        const row = table.insertRow();
        row.append(element("th", "", name));
        const bar = row.insertCell().appendChild(element("div", "bar"));
        const [value, slope] = [row.insertCell(), row.insertCell()];
        rows[place] = { row, bar, value, slope };
      }
      const { row, bar, value, slope } = rows[place];
      const weight = frame.weights[place];
      row.classList.toggle("left-out", weight === null);
      bar.style.width = `${(100 * Math.min(LARGEST, Math.abs(weight ?? 0))) / LARGEST}%`;
      value.textContent = weight === null ? "–" : weight.toFixed(2);
      slope.replaceChildren(...(weight === null ? [] : ["slope ", opening(format(Number(frame.slopes[place].toFixed(2))), `d${place}`)]));
    });
    plot.fit();
    curve.attr("d", tracePath(plot, frame.typical.map((error, step) => [step, error])));
    ball.attr("cx", plot.x(frame.typical.length - 1)).attr("cy", plot.y(Math.min(10, frame.typical.at(-1))));
  }

  return { update, pace: 8 };
}

export const drawings = { people: drawPeople, weights: drawWeights };
