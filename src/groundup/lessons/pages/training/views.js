// Draws a GPT in training with what it writes, one loss in three units, a text shaded by surprise, and heads that continue what repeats.
import { select } from "/static/vendor/d3.js";

import { element, format, percent, tidy, wholePercent } from "/static/views/elements.js";
import { makeLooking } from "/static/views/looking.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";
import { showToken, whenReady } from "/static/views/waiting.js";

const oneLine = (text) => text.replaceAll("\n", "⏎");

// The loss, step by step, with the losses of models that know less; below, the same beginning continued at some steps.
function drawLearn(api) {
  const plot = makePlot(api.root, {
    x: [1, 1000], xLog: true, y: [1.4, 5], label: "The loss in training", xLabel: "step", yLabel: "loss", ratio: 0.36, lowest: 180, tallest: 210, ticks: [4, 4], margin: { left: 40 },
  });
  const limits = plot.inside.append("g");
  const curve = plot.inside.append("path").attr("class", "curve");
  const tip = plot.inside.append("circle").attr("class", "ball").attr("r", 6);
  const names = plot.above.append("g");
  const list = element("div");
  list.style.cssText = "height:12.2rem;overflow-y:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--page)";
  list.tabIndex = 0;
  list.setAttribute("role", "region");
  list.setAttribute("aria-label", "what the model writes at some steps, the newest first");
  const table = element("table");
  table.style.cssText = "width:100%;border-collapse:collapse;font-size:.9rem;margin:0";
  list.append(table);
  api.root.append(list);
  api.say("The first step takes a moment.");

  function update(frame) {
    plot.fit({ x: [1, frame.steps] });
    const [left, right] = plot.x.domain();
    const lines = [["nothing", "knows nothing"], ["letters", "how often each character occurs"], ["pairs", "which character follows which"]];
    // A line gets its name when the loss comes near it: what is learned first is asked before.
    const lowest = Math.min(...frame.losses.map(([, loss]) => loss));
    limits.selectAll("line").data(lines).join("line").attr("class", "limit").attr("x1", plot.x(left)).attr("x2", plot.x(right))
      .attr("y1", ([key]) => plot.y(frame[key])).attr("y2", ([key]) => plot.y(frame[key]));
    // The curve comes from the upper left and goes to the lower right: names keep to the other two corners.
    const isFirst = ([key]) => key === "nothing";
    names.selectAll("text").data(lines).join("text").attr("class", "told small").attr("text-anchor", (one) => (isFirst(one) ? "end" : "start")).attr("x", (one) => (isFirst(one) ? plot.x(right) - 4 : plot.x(left) + 4))
      .attr("y", (one) => plot.y(frame[one[0]]) + (isFirst(one) ? -5 : 13)).text(([key, name]) => (key === "nothing" || lowest < frame[key] + 0.3 ? name : ""));
    const points = frame.losses.map(([step, loss]) => [Math.max(1, step), loss]);
    curve.attr("d", tracePath(plot, points));
    const last = points.at(-1);
    tip.attr("cx", plot.x(last[0])).attr("cy", plot.y(last[1]));
    const rows = select(table).selectAll("tr").data([...frame.samples].reverse(), ({ step }) => step).join((enter) => {
      const row = enter.insert("tr");
      row.append("td").attr("class", "step").style("color", "var(--soft)").style("white-space", "nowrap").style("padding", ".25rem .6rem").style("text-align", "right");
      row.append("td").attr("class", "text").style("font", ".88rem/1.4 ui-monospace,monospace").style("padding", ".25rem .6rem .25rem 0").style("width", "100%").style("overflow-wrap", "anywhere");
      return row;
    }).order();
    rows.select(".step").text(({ step, loss }) => `step ${step} · ${format(loss, 3)}`);
    rows.select(".text").each(function one({ text }) {
      const begun = element("span", "", oneLine(frame.prompt));
      begun.style.color = "var(--soft)";
      const own = element("span", "", oneLine(text));
      own.style.color = "var(--first)";
      this.replaceChildren(begun, own);
    });
  }

  return { update };
}

// Three scales of one number: nats, bits, perplexity.
function drawUnits(api) {
  const plot = makePlot(api.root, { x: [-0.15, 5.15], y: [0, 1], label: "One loss on three scales", ratio: 0.34, lowest: 210, tallest: 240, ticks: [0, 0], margin: { left: 24, bottom: 10, right: 24 } });
  const scales = plot.inside.append("g");
  const known = plot.above.append("g");
  const beam = plot.inside.append("line").style("stroke", "var(--second)").attr("stroke-width", 2);
  const told = plot.above.append("g");
  const handle = makeHandle(plot, {
    label: "loss in nats", axis: "x", step: 0.01, kind: "other", radius: 11, bounds: { x: [0, 5] },
    move: ({ x }) => api.set({ loss: Math.round(x * 100) / 100 }), text: ({ x }) => `${format(x, 3)} nats`,
  });

  function update(frame) {
    plot.fit();
    const rows = [
      { name: "nats", y: 0.78, ticks: [0, 1, 2, 3, 4, 5].map((nats) => [nats, nats]), value: frame.loss },
      { name: "bits", y: 0.48, ticks: frame.ticks.bits, value: frame.bits },
      { name: "perplexity", y: 0.18, ticks: frame.ticks.perplexity, value: frame.perplexity },
    ];
    const marks = rows.flatMap((row) => row.ticks.filter(([, nats]) => nats <= 5.001).map(([value, nats]) => ({ value, nats, y: row.y })));
    scales.selectAll("line").data([...rows.map(({ y }) => ({ y, whole: true })), ...marks]).join("line")
      .attr("x1", ({ whole, nats }) => plot.x(whole ? 0 : nats)).attr("x2", ({ whole, nats }) => plot.x(whole ? 5 : nats))
      .attr("y1", ({ y }) => plot.y(y)).attr("y2", ({ y, whole }) => plot.y(y) + (whole ? 0 : 7)).style("stroke", "var(--soft)");
    scales.selectAll("text").data(marks).join("text").attr("text-anchor", "middle").attr("x", ({ nats }) => plot.x(nats)).attr("y", ({ y }) => plot.y(y) + (y === rows[0].y ? 26 : 20)).text(({ value }) => value);
    const x = plot.x(frame.loss);
    beam.attr("x1", x).attr("x2", x).attr("y1", plot.y(0.98)).attr("y2", plot.y(0.1));
    const right = frame.loss < 3.9;
    told.selectAll("text").data(rows).join("text").attr("data-number", ({ name }) => name).attr("class", "told").attr("text-anchor", right ? "start" : "end").attr("x", x + (right ? 14 : -14)).attr("y", ({ y }) => plot.y(y) - 9).text(({ name, value }) => `${format(value, 4)} ${name}`);
    known.selectAll("line").data(frame.known).join("line").attr("x1", ({ loss }) => plot.x(loss)).attr("x2", ({ loss }) => plot.x(loss)).attr("y1", (_, i) => plot.y(0.98) + (i % 2 ? 6 : 20)).attr("y2", plot.y(0.78) - 4).style("stroke", "var(--first)").attr("opacity", 0.5);
    known.selectAll("circle").data(frame.known).join("circle").attr("cx", ({ loss }) => plot.x(loss)).attr("cy", plot.y(0.78)).attr("r", 4).style("fill", "var(--first)");
    known.selectAll("text").data(frame.known).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("x", ({ loss }) => Math.min(plot.x(5) - 40, plot.x(loss))).attr("y", (_, i) => plot.y(0.98) + (i % 2 ? 2 : 16)).text(({ name }) => name);
    handle.show(frame.loss, 0.78);
  }

  return { update };
}

// A text whose tokens carry a bar each: as high as the token is surprising.
function drawSurprise(api) {
  const place = element("div");
  place.style.cssText = "display:flex;flex-wrap:wrap;row-gap:.5rem;align-items:flex-end;min-height:6rem;font:1.05rem/1.5 ui-monospace,monospace";
  api.root.append(place);

  function update(frame) {
    const tell = (token) => {
      if (token.nats === null) return `“${showToken(token.text)}” begins the text.`;
      return `“${showToken(token.text)}”: p = ${format(token.p, 3)}, −log p = ${format(token.nats, 3)} nats. Expected: ${token.expected.map(([text, p]) => `${showToken(text)} ${percent(p)}`).join(", ")}.`;
    };
    place.replaceChildren(...frame.tokens.map((token) => {
      const one = element("span");
      const share = token.nats === null ? 0 : Math.min(1, token.nats / 7);
      one.style.cssText = "display:grid;justify-items:stretch;cursor:default;padding:0 1px;border-radius:3px;text-align:center;white-space:pre";
      one.tabIndex = 0;
      one.setAttribute("role", "note");
      one.setAttribute("aria-label", tell(token));
      const bar = element("span");
      bar.style.cssText = `height:${2 + 62 * share}px;background:color-mix(in srgb, var(--second) ${Math.round(25 + 75 * share)}%, var(--line));border-radius:3px 3px 0 0;min-width:.6em;align-self:end`;
      const word = element("span", "", token.text.includes("\n") ? "⏎" : token.text);
      word.style.background = `color-mix(in srgb, var(--second) ${Math.round(55 * share)}%, transparent)`;
      one.append(bar, word);
      one.addEventListener("pointerenter", () => api.say(tell(token)));
      one.addEventListener("focus", () => api.say(tell(token)));
      return one;
    }));
  }

  return { update };
}

// Letters on a line. Point at one: lines to the letters that a head looks at; below, how likely each letter was before it was read.
function drawRepeat(api) {
  const place = element("div", "repeat");
  const left = element("div", "repeat-text");
  const tiles = element("div", "repeat-heads");
  place.append(left, tiles);
  api.root.append(place);
  const line = makeLooking(left, { label: "The letters, and where a head looks", layers: ["bars", "tokens", "notes"], choose: (letter) => api.set({ letter: letter + 1 }), redraw: draw });
  const { bars, notes } = line.layers;
  const way = line.svg.append("g").attr("aria-hidden", "true");
  const story = element("p");
  story.style.cssText = "margin:.2rem 0 0;font-size:.9rem;min-height:4.2em";
  left.append(story);
  let frame = null;
  let buttons = null; // one for each head

  function makeTile(number) {
    const made = element("button");
    made.type = "button";
    const map = select(made).append("svg").attr("aria-hidden", "true");
    const meters = ["letter before", "induction"].map((words) => {
      const row = element("span", "meter");
      const bar = element("i");
      const told = element("b");
      row.append(element("span", "", words), bar, told);
      return { row, bar, told };
    });
    const title = element("span", "head-name");
    made.append(map.node(), title, ...meters.map(({ row }) => row));
    made.addEventListener("click", () => api.set({ head: number + 1 }));
    tiles.append(made);
    return { made, map, meters, title };
  }

  function update(next) {
    frame = next;
    buttons ??= frame.heads.map((_, number) => makeTile(number));
    draw();
  }

  function draw() {
    const count = frame.tokens.length;
    const hovered = line.pointed(count);
    const width = Math.max(260, left.clientWidth);
    const step = Math.min(46, (width - 8) / count);
    const start = (width - step * count) / 2;
    const x = (i) => start + step * (i + 0.5);
    const [middle, base] = [122, 222];
    const levels = [292, 322, 352];
    const query = hovered ?? frame.letter;
    const row = frame.weights[frame.layer][frame.head][query];
    const heads = frame.weights[0].length;
    const name = frame.heads[heads * frame.layer + frame.head];
    const isGone = (layer, head) => frame.off.some(([one, other]) => one === layer && other === head);
    const isOff = isGone(frame.layer, frame.head);
    const source = frame.sources[query];
    line.fit(width, 366);
    const centres = frame.tokens.map((_, i) => x(i));
    line.drawArcs(row, x(query), centres, middle - 19, isOff ? 0.4 : 1).attr("stroke-dasharray", isOff ? "5 5" : null);
    const item = line.drawTokens(frame.tokens, query).attr("aria-label", (letter, i) => `letter ${i + 1}, ${letter}: weight ${wholePercent(row[i])}`);
    item.select("rect").attr("x", (_, i) => x(i) - step / 2 + 1).attr("width", step - 2).attr("y", middle - 16).attr("height", 32)
      .style("stroke", (_, i) => (i === hovered ? "var(--mark)" : i === source ? "var(--first)" : "none")).style("stroke-dasharray", (_, i) => (i === source && i !== hovered ? "4 3" : null));
    item.select("text").attr("x", (_, i) => x(i)).attr("y", middle + 6).style("font", "600 17px ui-monospace,monospace").attr("opacity", (_, i) => (i > query ? 0.45 : 1));
    const size = 58;
    const rects = bars.selectAll("rect").data(frame.chances).join("rect").attr("x", (_, i) => x(i) - step * 0.32).attr("width", step * 0.64).attr("rx", 2)
      .style("fill", (_, i) => (i === query + 1 ? "var(--second)" : "var(--first)"));
    (api.isCalm ? rects : rects.transition().duration(220)).attr("y", (chance) => base - size * (chance ?? 0)).attr("height", (chance) => Math.max(1, size * (chance ?? 0)));
    const [guess, sure] = frame.guesses[query];
    drawWay();
    const told = [
      ...frame.chances.map((chance, i) => ({ x: x(i), y: base + 14, text: chance === null ? "" : Math.round(100 * chance), anchor: "middle", kind: "" })),
      { x: 2, y: base + 32, text: "percent: how likely each letter was, before reading it", anchor: "start", kind: "" },
      { x: 2, y: 15, text: `head ${name}${isOff ? ", off" : ""}`, anchor: "start", kind: "told" },
      { x: width - 2, y: 15, text: `next letter: ${guess}, ${wholePercent(sure)}`, anchor: "end", kind: "told" },
    ];
    notes.selectAll("text").data(told).join("text").attr("class", ({ kind }) => kind).attr("x", (row_) => row_.x).attr("y", (row_) => row_.y).attr("text-anchor", ({ anchor }) => anchor)
      .style("font-size", ({ kind, anchor }) => (!kind && anchor === "middle" && step < 20 ? "9px" : null)).text(({ text }) => text);
    buttons.forEach(({ made, map, meters, title }, number) => {
      const [layer, head] = [Math.floor(number / heads), number % heads];
      const off = isGone(layer, head);
      const chosen = layer === frame.layer && head === frame.head;
      const scores = [frame.previous[layer][head], frame.induction[layer][head]];
      made.setAttribute("aria-pressed", String(chosen));
      made.classList.toggle("is-off", off);
      made.setAttribute("aria-label", `head ${frame.heads[number]}${off ? ", off" : ""}: letter before ${format(scores[0], 2)}, induction ${format(scores[1], 2)}`);
      title.textContent = `head ${frame.heads[number]}${off ? " (off)" : ""}`;
      meters.forEach(({ bar, told: number_ }, which) => {
        bar.style.setProperty("--share", scores[which]);
        number_.textContent = scores[which].toFixed(2);
      });
      const cells = frame.weights[layer][head].flatMap((weights, y) => weights.map((weight, column) => ({ weight, column, y }))).filter(({ weight }) => weight > 0.03);
      map.attr("viewBox", `0 0 ${count} ${count}`).selectAll("rect").data(cells).join("rect")
        .attr("x", ({ column }) => column + 0.04).attr("y", ({ y }) => y + 0.04).attr("width", 0.92).attr("height", 0.92).style("fill", "var(--first)").attr("opacity", ({ weight }) => weight);
    });

    // The two steps of induction: the letter after the earlier occurrence looks one back, the letter now finds it.
    function drawWay() {
      const finder = frame.layer === 1 ? frame.head : 0;
      const lit = source === null ? [] : [[source - 1, 0], [source, 1], [query, 2]];
      const dots = frame.tokens.flatMap((token, i) => levels.map((_, level) => ({ token, i, level, isLit: lit.some(([place, one]) => place === i && one === level) })));
      const steps = source === null ? [] : [
        { from: lit[0], to: lit[1], weight: frame.weights[0][0][source][source - 1], name: "1.1", isOff: isGone(0, 0), colour: "--first" },
        { from: lit[1], to: lit[2], weight: frame.weights[1][finder][query][source], name: frame.heads[heads + finder], isOff: isGone(1, finder), colour: "--second" },
      ];
      way.selectAll("line").data(steps).join("line").attr("x1", ({ from }) => x(from[0])).attr("y1", ({ from }) => levels[from[1]] + (from[1] ? 0 : 9)).attr("x2", ({ to }) => x(to[0])).attr("y2", ({ to }) => levels[to[1]])
        .style("stroke", ({ colour }) => `var(${colour})`).attr("stroke-width", ({ weight }) => 1 + 5 * weight).attr("stroke-linecap", "round").attr("stroke-dasharray", ({ isOff }) => (isOff ? "5 6" : null)).attr("opacity", ({ isOff }) => (isOff ? 0.35 : 0.9));
      way.selectAll("circle").data(dots.filter(({ level }) => level)).join("circle").attr("cx", ({ i }) => x(i)).attr("cy", ({ level }) => levels[level]).attr("r", ({ isLit }) => (isLit ? 6 : 3))
        .style("fill", ({ isLit, level }) => (isLit ? `var(${level === 1 ? "--first" : "--second"})` : "var(--line)"));
      const ahead = x(query) < width - 130;
      const words = [
        ...dots.filter(({ level }) => !level).map(({ token, i, isLit }) => ({ text: token, x: x(i), y: levels[0] + 3, anchor: "middle", weight: isLit || i === source || i === query ? 700 : 400 })),
        // The first step is short: its head's name stands left of where it ends.
        ...steps.map(({ from, to, name: told_ }) => (from[1] ? { text: told_, x: (x(from[0]) + x(to[0])) / 2, y: (levels[1] + levels[2]) / 2 - 5, anchor: "middle", weight: 600 } : { text: told_, x: x(to[0]) - 9, y: levels[1] + 5, anchor: "end", weight: 600 })),
        { text: source === null ? "" : `next: ${guess}, ${wholePercent(sure)}`, x: x(query) + (ahead ? 11 : -11), y: levels[2] + 4, anchor: ahead ? "start" : "end", weight: 600 },
      ];
      way.selectAll("text").data(words).join("text").attr("class", "told small").attr("x", (word) => word.x).attr("y", (word) => word.y).attr("text-anchor", ({ anchor }) => anchor).style("font-weight", ({ weight }) => weight).text(({ text }) => text);
      const [now, after] = [frame.tokens[query], frame.tokens[source]];
      const first = isGone(0, 0) ? "Layer 1: head 1.1 is off, so nothing is noted." : `Layer 1: at the first “${after}”, head 1.1 looks one back and notes that “${now}” stood there.`;
      const second = isGone(1, finder) ? `Layer 2: head ${frame.heads[heads + finder]} is off.` : `Layer 2: at the “${now}” now, head ${frame.heads[heads + finder]} searches for this note. It gives “${after}” ${wholePercent(frame.weights[1][finder][query][source])} of its weight.`;
      story.textContent = tidy(source === null ? `“${now}” has not occurred before: there is nothing to continue.` : `${first} ${second}`);
    }

    if (hovered === null) { api.say(frame.says); return; }
    const most = row.indexOf(Math.max(...row));
    api.say(`Head ${name}, at letter ${query + 1}, “${frame.tokens[query]}”, looks at letter ${most + 1}, “${frame.tokens[most]}”, with ${wholePercent(row[most])}. The model's next letter: “${guess}”, with ${wholePercent(sure)}.`);
  }

  return { update };
}

export const drawings = { learn: drawLearn, units: drawUnits, surprise: whenReady(drawSurprise), repeat: whenReady(drawRepeat) };
