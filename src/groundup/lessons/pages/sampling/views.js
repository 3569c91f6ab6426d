// Draws the next token's probabilities as bars to click, a phrase read again, the ways a text can go, and the key-value cache.
import { easeCubicOut, select } from "/static/vendor/d3.js";

import { element, format, makePair, percent } from "/static/views/elements.js";
import { makeScroller } from "/static/views/scroller.js";
import { showToken, whenReady } from "/static/views/waiting.js";

const chance = (share) => (share >= 0.0005 ? percent(share) : share > 0 ? "<0.1 %" : "0");
const MOST = 300;

// The text so far, the reader's part and the model's, and a bar for each of the likeliest next tokens.
function drawNext(api) {
  const written = element("p");
  written.style.cssText = "margin:0 0 .7rem;padding:.55rem .75rem;height:5.4em;overflow-y:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.6rem;background:var(--page);font:.95rem/1.5 ui-monospace,monospace";
  written.tabIndex = 0;
  written.setAttribute("aria-label", "the text so far");
  const rows = element("div");
  rows.style.cssText = "display:grid;gap:2px";
  api.root.append(written, rows);

  function update(frame) {
    const parts = [element("span", "", frame.text)];
    for (const { text, p } of frame.written) {
      const part = element("span", "", text);
      part.style.cssText = `color:var(--first);background:color-mix(in srgb, var(--second) ${Math.round(60 * (1 - (p ?? 1)) ** 2)}%, transparent);border-radius:2px`;
      if (p !== null) part.title = `${showToken(text)}: ${chance(p)}`;
      parts.push(part);
    }
    const caret = element("span", "", "▏");
    caret.style.color = "var(--mark)";
    written.replaceChildren(...parts, caret);
    written.scrollTop = written.scrollHeight;
    const data = frame.names.map((name, i) => ({ name, plain: frame.plain[i], before: frame.before[i], after: frame.after[i] }));
    const lines = select(rows).selectAll("div").data(data).join((enter) => {
      const line = enter.append("div").style("display", "grid").style("grid-template-columns", "1fr 4rem").style("gap", ".6rem").style("align-items", "center");
      const made = line.append("button").attr("type", "button")
        .style("display", "grid").style("grid-template-columns", "4.2rem 1fr").style("gap", ".6rem").style("align-items", "center")
        .style("padding", "0 .3rem").style("min-height", "24px").style("border", "0").style("background", "transparent").style("font-weight", "400").style("cursor", "pointer");
      made.append("span").attr("class", "name").style("text-align", "right").style("font", ".95rem ui-monospace,monospace").style("white-space", "nowrap").style("overflow", "hidden");
      const track = made.append("span").style("position", "relative").style("height", "16px").style("border-left", "1px solid var(--line)");
      for (const kind of ["before", "after", "plain"]) track.append("span").attr("class", kind).style("position", "absolute").style("left", "0").style("transition", "width .18s, left .18s").style("border-radius", "0 3px 3px 0");
      track.select(".before").style("top", "2px").style("bottom", "2px").style("background", "var(--line)");
      track.select(".after").style("top", "2px").style("bottom", "2px").style("background", "var(--first)");
      track.select(".plain").style("top", "0").style("bottom", "0").style("width", "2px").style("background", "var(--second)");
      line.append("span").append("span").attr("class", "share").style("font-size", ".85rem").style("font-variant-numeric", "tabular-nums");
      return line;
    });
    const item = lines.select("button");
    item.attr("aria-description", "choose this token").style("opacity", ({ after }) => (after > 0 ? 1 : 0.55))
      .on("click", (_, { name }) => {
        if (name.includes("�")) return;
        api.pause();
        api.set({ text: (frame.text + frame.written.map(({ text }) => text).join("") + name).slice(-MOST), tokens: 0 });
      });
    item.select(".name").text(({ name }) => showToken(name));
    item.select(".before").style("width", ({ before }) => `${100 * before}%`);
    item.select(".after").style("width", ({ after }) => `${100 * after}%`);
    item.select(".plain").style("left", ({ plain }) => `calc(${100 * plain}% - 1px)`).attr("title", "at T = 1");
    let rank = 0; // among those that can be drawn
    lines.select(".share").attr("data-number", ({ after }) => (after > 0 ? `p${(rank += 1)}` : null)).text(({ after }) => chance(after)).style("color", ({ after }) => (after > 0 ? "var(--ink)" : "var(--soft)"));
  }

  return { update, pace: 8 };
}

// For each model a table: a row per reading of the phrase, a column per letter, dark where it was likely.
function drawCircle(api) {
  const tables = makePair(api.root).map((place) => {
    const table = element("table");
    table.style.cssText = "width:100%;table-layout:fixed;margin:0;font-size:.85rem;font-variant-numeric:tabular-nums";
    place.append(table);
    return table;
  });

  function update(frame) {
    frame.models.forEach(({ name, tokens, rows }, i) => {
      const cell = (tag, text, style = "") => {
        const made = element(tag, "", text);
        made.style.cssText = `text-align:center;padding:.3rem 0;${style}`;
        return made;
      };
      const line = (cells) => { const row = element("tr"); row.append(...cells); return row; };
      const caption = element("caption", "", name);
      caption.style.cssText = "text-align:left;padding-bottom:.3rem;font-weight:600";
      const head = line([cell("td", "", "width:4.6rem"), ...tokens.map((token) => cell("th", showToken(token), "font-family:ui-monospace,monospace;color:var(--ink)"))]);
      const body = rows.map((row, reading) => line([
        cell("th", `reading ${reading + 1}`, "text-align:left;font-weight:400;white-space:nowrap"),
        ...row.map((p, place) => cell("td", p === null ? "–" : String(Math.round(100 * p)), `background:color-mix(in srgb, var(${place ? "--first" : "--second"}) ${Math.round(55 * (p ?? 0))}%, transparent);${place ? "" : "font-weight:700"}`)),
      ]));
      tables[i].replaceChildren(caption, head, ...body);
    });
  }

  return { update, pace: 1 };
}

// A tree from left to right; a line is as wide as its way is likely.
function drawTree(api) {
  const scroller = makeScroller(api.root);
  const svg = select(scroller).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "The ways a text can go");
  const links = svg.append("g").attr("fill", "none").style("stroke", "var(--first)").attr("stroke-linecap", "round");
  const nodes = svg.append("g");

  function update(frame, { text }) {
    // On a phone the text stands above its tree, and the tree begins at the edge.
    const narrow = api.root.clientWidth < 460;
    const width = Math.max(api.root.clientWidth, 52 + 88 * frame.depth);
    const above = narrow ? 22 : 0;
    const edge = narrow ? 4 : 90;
    const children = frame.nodes.map((_, i) => frame.nodes.flatMap((node, j) => (node.parent === i ? [j] : [])));
    const leaves = children.flatMap((below, i) => (below.length ? [] : [i]));
    const line = 17;
    const high = leaves.length * line + 16 + above;
    const step = (width - (narrow ? 52 : 190)) / frame.depth;
    const depth = frame.nodes.map(() => 0);
    frame.nodes.forEach((node, i) => { depth[i] = node.parent < 0 ? 1 : depth[node.parent] + 1; });
    const y = [];
    leaves.forEach((leaf, place) => { y[leaf] = 14 + above + place * line; });
    for (let i = frame.nodes.length - 1; i >= 0; i -= 1) if (y[i] === undefined) y[i] = children[i].reduce((sum, child) => sum + y[child], 0) / children[i].length;
    const x = depth.map((level) => edge + level * step);
    const root = narrow ? { x: 24, y: 10 } : { x: 84, y: high / 2 };
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high).style("width", `${width}px`);
    links.selectAll("path").data(frame.nodes).join("path").attr("d", (node, i) => {
      const from = node.parent < 0 ? root : { x: x[node.parent] + 34, y: y[node.parent] };
      const middle = (from.x + x[i] - 24) / 2;
      return `M${from.x},${from.y} C${middle},${from.y} ${middle},${y[i]} ${x[i] - 24},${y[i]}`;
    }).attr("opacity", 0.55).transition().duration(api.isCalm ? 0 : 250).ease(easeCubicOut).attr("stroke-width", ({ way }) => 0.6 + 16 * way ** 0.7);
    const start = { text: text.length > 9 ? `…${text.slice(-8)}` : text, parent: null };
    const way = (i) => (i < 0 ? "" : way(frame.nodes[i].parent) + frame.nodes[i].text);
    const all = [start, ...frame.nodes];
    const item = nodes.selectAll("g").data(all).join((enter) => {
      const group = enter.append("g");
      group.append("rect").attr("rx", 5).attr("height", 16).style("fill", "var(--card)");
      group.append("text").attr("class", "name").style("font", "13px ui-monospace,monospace").style("fill", "var(--ink)");
      group.append("text").attr("class", "share").style("font-size", "10.5px");
      return group;
    });
    item.attr("transform", (_, i) => (i ? `translate(${x[i - 1] - 20},${y[i - 1]})` : `translate(4,${root.y})`))
      .attr("role", (_, i) => (i ? "button" : null)).attr("tabindex", (_, i) => (i ? 0 : null)).style("cursor", (_, i) => (i ? "pointer" : null))
      .attr("aria-description", (_, i) => (i ? "go on from here" : null))
      .on("click", (_, node) => node.parent !== null && go(node)).on("keydown", (event, node) => { if (event.key === "Enter" && node.parent !== null) go(node); });
    item.select("rect").attr("x", -4).attr("y", -8).attr("width", (_, i) => (i ? 58 : 80));
    item.select(".name").attr("y", 4).style("font-weight", (_, i) => (i ? 500 : 700)).text((node) => (node.parent === null ? node.text : showToken(node.text)));
    item.select(".share").attr("x", 26).attr("y", 4).text((node, i) => (i ? chance(node.p) : ""));
    const go = (node) => { if (!node.text.includes("�")) api.set({ text: (text + way(frame.nodes.indexOf(node))).slice(-MOST) }); };
  }

  return { update };
}

// A square for the keys and values of each token in each block: red where they are computed, blue where they are taken.
function drawCache(api) {
  const scroller = makeScroller(api.root);
  const svg = select(scroller).append("svg").attr("class", "plot").attr("role", "img").attr("aria-label", "Keys and values of each token in each block");
  const squares = svg.append("g");
  const names = svg.append("g");
  const told = svg.append("g");

  function update(frame) {
    const narrow = api.root.clientWidth < 520;
    const left = narrow ? 60 : 92;
    const width = Math.max(api.root.clientWidth, left + 10 * frame.texts.length);
    const blocks = Math.min(frame.blocks, 8);
    const side = Math.min(30, (width - left - 4) / frame.texts.length);
    const high = blocks * (side + 3) + 96;
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high).style("width", `${width}px`);
    const data = frame.texts.flatMap((_, token) => Array.from({ length: blocks }, (__, block) => ({ token, block })));
    const all = squares.selectAll("rect").data(data).join("rect").attr("rx", 3).attr("width", side - 3).attr("height", side)
      .attr("x", ({ token }) => left + token * side).attr("y", ({ block }) => (blocks - 1 - block) * (side + 3) + 4).attr("stroke-width", 1.2);
    const paint = ({ token }) => (token >= frame.count ? "transparent" : frame.computed[token] ? "var(--bad)" : "var(--first)");
    (api.isCalm ? all : all.transition().duration(120)).style("fill", paint).style("stroke", (square) => (square.token >= frame.count ? "var(--line)" : paint(square)));
    const label = [
      ...Array.from({ length: blocks }, (_, block) => ({ x: left - 6, y: (blocks - 1 - block) * (side + 3) + 8 + side / 2, text: `block ${block + 1}`, end: "end" })),
      ...frame.texts.map((text, token) => ({ x: left + token * side + (side - 3) / 2, y: blocks * (side + 3) + 20, text: showToken(text).slice(0, Math.max(1, Math.floor(side / 7.6))), end: "middle", off: token >= frame.count })),
    ];
    names.selectAll("text").data(label).join("text").attr("x", ({ x }) => x).attr("y", ({ y }) => y).attr("text-anchor", ({ end }) => end)
      .style("font", "12.5px ui-monospace,monospace").style("fill", "var(--ink)").attr("opacity", ({ off }) => (off ? 0.35 : 1)).text(({ text }) => text);
    const base = blocks * (side + 3) + 48;
    const most = (frame.texts.length * (frame.texts.length + 1)) / 2;
    const bars = [{ name: "so far", value: frame.sofar, fill: "var(--bad)" }, { name: "the other way", value: frame.other, fill: "var(--line)" }];
    const row = told.selectAll("g").data(bars).join((enter) => {
      const group = enter.append("g");
      group.append("text").attr("class", "name").attr("text-anchor", "end").attr("x", 84);
      group.append("rect").attr("x", 92).attr("height", 12).attr("rx", 3);
      group.append("text").attr("class", "told small value");
      return group;
    }).attr("transform", (_, i) => `translate(0,${base + i * 20})`);
    row.select(".name").attr("y", 0).text(({ name }) => name);
    const scale = (value) => (Math.max(0, width - 150) * value) / most;
    row.select("rect").attr("y", -10).style("fill", ({ fill }) => fill).transition().duration(api.isCalm ? 0 : 120).attr("width", ({ value }) => scale(value));
    row.select(".value").attr("x", ({ value }) => 98 + scale(value)).text(({ value }) => format(value));
  }

  return { update, pace: 4 };
}

export const drawings = { next: whenReady(drawNext), circle: whenReady(drawCircle), tree: whenReady(drawTree), cache: whenReady(drawCache) };
