// Draws tensors as blocks of numbers that move, a broadcast, a matrix product, and a model beside its code.
import { drag, easeCubicInOut, select } from "/static/vendor/d3.js";

import { mix, readColours, signed } from "/static/views/colours.js";
import { makeDiagram, showTexts } from "/static/views/diagram.js";
import { element, format, hang } from "/static/views/elements.js";

// A colour per number, so that the same number can be followed by eye.
const paint = (share) => `hsl(${Math.round(share * 300) + 10} 62% 60%)`;

// A tensor before and after an operation. Blocks lie behind one another; the hand turns them.
function drawMove(api) {
  const diagram = makeDiagram(api.root, "A tensor before and after an operation");
  const cells = diagram.front.append("g");
  const notes = diagram.front.append("g");
  let lean = { x: 19, y: -20 };
  let shown = "";

  diagram.svg.call(drag()
    .on("start", (event) => { event.subject.from = { ...lean }; })
    .subject(() => ({ from: lean }))
    .on("drag", (event) => {
      const keep = (value, most) => Math.max(-most, Math.min(most, value));
      lean = { x: keep(lean.x + event.dx / 5, 34), y: keep(lean.y + event.dy / 5, 34) };
      if (api.frame) update(api.frame, api.values, api, true);
    }));

  function update(frame, _values, _api, turned = false) {
    const narrow = api.root.clientWidth < 520;
    const tensors = [...frame.before, ...(frame.after ? [frame.after] : [])];
    const extent = (axis) => tensors.map(({ cells: list }) => 1 + Math.max(0, ...list.map((cell) => cell[axis])));
    const [depth, tall, wide] = [extent(0), extent(1), extent(2)];
    const total = frame.before[0].cells.length * frame.before.length;
    const gap = 46;
    const spread = (axis, place) => Math.abs(lean[axis]) * (depth[place] - 1);
    const fitting = (size) => (narrow
      ? Math.max(...wide.map((count, place) => count * size + spread("x", place)))
      : wide.reduce((sum, count, place) => sum + count * size + spread("x", place), 0) + gap * (tensors.length - 1));
    const room = Math.max(270, api.root.clientWidth) - 24;
    let size = 50;
    while (size > 15 && (fitting(size) > room || Math.max(...tall) * size > 300)) size -= 1;
    const heights = tensors.map((_, place) => tall[place] * size + spread("y", place));
    const height = narrow ? heights.reduce((sum, value) => sum + value + 54, 20) : Math.max(250, Math.max(...heights) + 80);
    const width = diagram.fit(height);
    const origins = [];
    let along = narrow ? 0 : Math.max(12, (width - fitting(size)) / 2);
    let below = 34;
    tensors.forEach((_, place) => {
      const own = wide[place] * size + spread("x", place);
      const left = narrow ? (width - own) / 2 : along;
      const top = narrow ? below : 40 + (height - 74 - heights[place]) / 2;
      origins.push([left + (lean.x < 0 ? spread("x", place) : 0), top + (lean.y < 0 ? spread("y", place) : 0), left, top]);
      along += own + gap;
      below += heights[place] + 54;
    });
    const put = (place, [block, row, column]) => [origins[place][0] + column * size + lean.x * block, origins[place][1] + row * size + lean.y * block];
    const rows = [];
    let name = 0;
    frame.before.forEach((tensor, place) => tensor.cells.forEach((cell) => {
      rows.push({ key: `b${name}`, at: put(place, cell), from: put(place, cell), value: cell[3], hue: [name], block: cell[0] });
      name += 1;
    }));
    const starts = rows.map((row) => row.at);
    if (frame.after) {
      frame.after.cells.forEach((cell, number) => frame.after.sources[number].forEach((source, order) => {
        rows.push({
          key: `a${source}-${number}`, at: put(tensors.length - 1, cell), from: starts[source], value: cell[3],
          hue: frame.after.sources[number], block: cell[0], hidden: order > 0,
        });
      }));
    }
    // What lies further behind is drawn first.
    rows.sort((one, other) => other.block - one.block);
    // A mean or a sum: the numbers that go into one result have its colour.
    const merged = frame.after?.sources.some((sources) => sources.length > 1) ? frame.after.sources : null;
    const group = new Map(merged?.flatMap((sources, number) => sources.map((source) => [source, number])));
    const signature = JSON.stringify([frame.line, frame.before, width]);
    const fresh = signature !== shown;
    shown = signature;
    const drawn = cells.selectAll("g.cell").data(rows, ({ key }) => key).join((enter) => {
      const group = enter.append("g").attr("class", "cell");
      group.append("rect").attr("rx", 5);
      group.append("text").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    }).order();
    const share = (hue) => (merged ? group.get(hue[0]) / Math.max(1, merged.length - 1) : hue[0] / Math.max(1, total - 1));
    const fill = ({ hue }) => paint(share(hue));
    const point = (sources) => cells.selectAll("g.cell").classed("lit", ({ key, hue }) => key[0] === "b" && sources.includes(hue[0]));
    drawn.on("pointerenter", (_, { key, hue }) => point(key[0] === "a" ? hue : [])).on("pointerleave", () => point([]));
    drawn.select("rect").attr("width", size - 4).attr("height", size - 4).attr("x", 2).attr("y", 2).style("fill", fill);
    drawn.select("text").attr("x", size / 2).attr("y", size / 2).text(({ value }) => format(value, 3)).style("font-size", `${Math.min(15, size * 0.38)}px`)
      .style("fill", "#111");
    const place = ({ at }) => `translate(${at})`;
    if (fresh && !turned && !api.isCalm) {
      drawn.attr("transform", ({ from }) => `translate(${from})`).style("opacity", ({ key }) => (key[0] === "b" ? 1 : 0.85))
        .transition().duration(900).ease(easeCubicInOut).attr("transform", place).style("opacity", ({ hidden }) => (hidden ? 0 : 1));
    } else {
      drawn.interrupt().attr("transform", place).style("opacity", ({ hidden }) => (hidden ? 0 : 1));
    }
    const names = frame.before.length > 1 ? ["x", "y", ""] : ["x", ""];
    showTexts(notes, [
      ...tensors.map((tensor, number) => ({
        key: `s${number}`, x: origins[number][2] + (wide[number] * size + spread("x", number)) / 2, y: origins[number][3] - 12,
        text: number < frame.before.length ? `${names[number]}  ${tensor.shape}` : `→  ${tensor.shape}`, kind: "ink",
      })),
      { key: "line", x: narrow ? width / 2 : width / 2, y: height - 8, text: frame.line, kind: "code" },
    ]);
  }

  return { update };
}

// Tables of numbers side by side; a cell may be pale, lit, or chosen.
function makeTable(root, caption) {
  const figure = element("div", "numbers");
  const head = element("p", "shape", caption);
  const table = element("table");
  figure.append(head, table);
  root.append(figure);
  // `name` begins the keys of numbers that open, or that others come from.
  return (title, rows, look = () => "", act = null, name = "") => {
    head.textContent = title;
    const body = rows.map((row, r) => {
      const line = element("tr");
      line.append(...row.map((value, c) => {
        const cell = element("td", look(r, c));
        if (!act) cell.append(element("span", "", format(value, 3)));
        if (name) cell.lastChild.dataset.number = `${name}${r}_${c}`;
        if (act) {
          const press = element("button", "", format(value, 3));
          press.type = "button";
          press.setAttribute("aria-label", `row ${r}, column ${c}: ${format(value, 3)}`);
          for (const kind of ["pointerenter", "focus", "click"]) press.addEventListener(kind, () => act(r, c));
          cell.append(press);
        }
        return cell;
      }));
      return line;
    });
    table.replaceChildren(...body);
  };
}

function drawBroadcast(api) {
  const place = element("div", "equation");
  api.root.append(place);
  const left = makeTable(place);
  place.append(element("span", "sign", "−"));
  const right = makeTable(place);
  place.append(element("span", "sign", "="));
  const result = makeTable(place);
  const verdict = element("p", "verdict");
  api.root.append(verdict);

  function update(frame) {
    left(`predictions ${frame.left.shape}`, frame.left.rows, (r, c) => (frame.left.copied[r][c] ? "copy" : "own first"), null, "left");
    right(`truths ${frame.right.shape}`, frame.right.rows, (r, c) => (frame.right.copied[r][c] ? "copy" : "own second"), null, "right");
    const meant = Math.abs(frame.loss - frame.meant) < 1e-6;
    result(`errors ${frame.difference.shape}`, frame.difference.rows, () => (meant ? "fine" : "wrong"), null, "error");
    const loss = element("span", "", format(frame.loss));
    loss.dataset.number = "loss";
    verdict.replaceChildren("mean squared error ", loss, meant ? "" : `, it should be ${format(frame.meant)}`);
    verdict.classList.toggle("bad", !meant);
  }

  return { update };
}

function drawProduct(api) {
  const place = element("div", "equation");
  api.root.append(place);
  const left = makeTable(place);
  place.append(element("span", "sign", "@"));
  const right = makeTable(place);
  place.append(element("span", "sign", "="));
  const result = makeTable(place);
  const verdict = element("p", "verdict");
  api.root.append(verdict);
  let drawn = "";

  function update(frame, values) {
    const { row, column } = frame.result ? frame : { row: -1, column: -1 };
    left(`(${values.m}, ${values.k})`, frame.left, (r) => (r === row ? "own first" : ""));
    right(`(${values.inner}, ${values.n})`, frame.right, (_, c) => (c === column ? "own second" : ""));
    const rows = frame.result ?? Array.from({ length: values.m }, () => Array(values.n).fill(null));
    // The buttons stay while only the chosen entry changes: the pointer or the keyboard is on one of them.
    const signature = JSON.stringify(frame.result);
    if (signature !== drawn || !frame.result) {
      drawn = signature;
      result(`(${values.m}, ${values.n})`, rows, () => "", frame.result ? (r, c) => api.set({ row: r, column: c }) : undefined);
    }
    select(place).selectAll(".numbers:last-child tr").each(function mark(_, r) {
      select(this).selectAll("td").attr("class", (__, c) => (r === row && c === column ? "chosen" : ""));
    });
    verdict.textContent = frame.error ?? frame.terms.map(([a, b]) => `${a} · ${b < 0 ? `(${format(b)})` : b}`).join(" + ") + ` = ${format(frame.result[row][column])}`;
    verdict.classList.toggle("bad", Boolean(frame.error));
  }

  return { update };
}

// The code at the left, the line that runs marked; the tensor that it makes at the right.
function drawModel(api) {
  const parts = element("div", "pair code-pair");
  const [left, right] = [element("pre", "code running"), element("div")];
  left.tabIndex = 0;
  parts.append(left, right);
  api.root.append(parts);
  const diagram = makeDiagram(right, "The batch on its way through the layers");
  const boxes = diagram.front.append("g");
  const grid = diagram.front.append("g");
  const notes = diagram.front.append("g");
  const SIZES = ["4", "6", "6", "2"];

  function update(frame, { stage }) {
    const colours = readColours();
    const now = frame.stages[stage];
    left.replaceChildren(...frame.code.map((text, number) => hang(element("span", now.lines.includes(number) ? "now" : "", `${text}\n`))));
    const width = diagram.fit(330);
    const layer = Math.max(0, Math.floor((stage - 1) / 2));
    const at = (place) => 26 + ((width - 52) * place) / 3;
    const made = stage >= 1;
    boxes.selectAll("g").data(SIZES).join((enter) => {
      const group = enter.append("g").attr("class", "node");
      group.append("rect").attr("rx", 6).attr("width", 44).attr("height", 44).attr("x", -22).attr("y", -22);
      group.append("text").attr("class", "sign").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    }).attr("transform", (_, place) => `translate(${at(place)},50)`).classed("on", (_, place) => made && stage >= 2 && place <= layer)
      .style("opacity", made ? 1 : 0.25).select("text").text((text) => text);
    const values = now.values ?? [];
    const columns = values[0]?.length ?? 0;
    const size = Math.min(44, (width - 16) / 6, 224 / Math.max(1, values.length));
    const most = Math.max(1, ...values.flat().map(Math.abs));
    const cells = values.flatMap((row, r) => row.map((value, c) => ({ r, c, value })));
    const drawn = grid.selectAll("g").data(cells).join((enter) => {
      const group = enter.append("g");
      group.append("rect").attr("rx", 3);
      group.append("text").attr("text-anchor", "middle").attr("dy", "0.35em");
      return group;
    }).attr("transform", ({ r, c }) => `translate(${(width - columns * size) / 2 + c * size},${104 + r * size})`);
    drawn.select("rect").attr("width", size - 2).attr("height", size - 2).style("fill", ({ value }) => signed(value, most, colours)).style("stroke", mix(colours.card, colours.soft, 0.4));
    drawn.select("text").attr("x", size / 2 - 1).attr("y", size / 2 - 1).text(({ value }) => format(Number(value.toFixed(1)))).style("font-size", `${Math.min(13.5, size * 0.4)}px`).style("fill", colours.ink);
    showTexts(notes, [
      ...["input", "hidden", "hidden", "output"].map((text, place) => ({ key: `n${place}`, x: at(place), y: 18, text, kind: "name", on: made })),
      { key: "shape", x: width / 2, y: 95, text: now.shape ? `shape ${now.shape}` : `${frame.count} numbers to learn`, kind: "ink", on: made },
    ]);
    api.say(now.told);
  }

  return { update, local: ["stage"], pace: 0.8 };
}

// The tensors that an expression uses, and its value: tables of numbers, those of several blocks one below the other.
function drawTyped(api) {
  const place = element("div", "equation typed");
  const verdict = element("p", "verdict bad");
  const parts = element("ul", "part-shapes");
  api.root.append(place, verdict, parts);

  function show({ name, shape, blocks }, kind) {
    const figure = element("div", `numbers ${kind}`);
    figure.append(element("p", "shape", `${name} ${shape}`));
    if (!blocks.length) figure.append(element("p", "shape", "no numbers"));
    for (const rows of blocks) {
      const table = element("table");
      for (const row of rows) {
        const line = element("tr");
        line.append(...row.map((value) => element("td", "", format(value, 3))));
        table.append(line);
      }
      figure.append(table);
    }
    return figure;
  }

  function update(frame) {
    const { tensors, result } = frame;
    place.replaceChildren(...tensors.map((tensor) => show(tensor, "")));
    if (result && !(tensors.length === 1 && tensors[0].name === result.name)) place.append(element("span", "sign", "→"), show({ ...result, name: "" }, "result"));
    verdict.textContent = frame.error ?? "";
    parts.replaceChildren(...frame.parts.map(([text, shape]) => {
      const item = element("li");
      item.append(element("code", "", text), ` ${shape}`);
      return item;
    }));
  }

  return { update };
}

export const drawings = { move: drawMove, broadcast: drawBroadcast, product: drawProduct, typed: drawTyped, model: drawModel };
