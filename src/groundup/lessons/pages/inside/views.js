// Draws a GPT whose parts are switched off, what each part adds to a logit, and heads that continue what repeats.
import { select } from "/static/vendor/d3.js";

import { element, format, percent, tidy, wholePercent } from "/static/views/elements.js";
import { makeGPT } from "/static/views/gpt.js";
import { makeLooking } from "/static/views/looking.js";
import { showToken, whenReady } from "/static/views/waiting.js";

// A click on a block or a head switches it off. Under each strip: what the model would say there.
function drawPath(api) {
  let frame = null;
  const hasNoHead = ({ off }, layer, head) => off.attention.includes(layer + 1) || off.heads.some(([one, other]) => one === layer + 1 && other === head + 1);
  const hasNoBlock = ({ off }, layer) => off.attention.includes(layer + 1) && off.feed_forward.includes(layer + 1);
  const listOff = () => [
    ...(frame.off.positions ? ["positions"] : []),
    ...frame.off.heads.map(([layer, head]) => `head ${layer}.${head}`),
    ...frame.weights.flatMap((_, i) => (hasNoBlock(frame, i) ? [`block ${i + 1}`] : [])),
  ];
  const show = makeGPT(api, {
    below: 84,
    isOff: (now, layer, head) => (head === undefined ? hasNoBlock(now, layer) : hasNoHead(now, layer, head)),
    toggle: (name) => {
      const all = listOff();
      api.set({ off: (all.includes(name) ? all.filter((item) => item !== name) : [...all, name]).join(", ") });
    },
    note: ({ lens }, { floor, strip, x }) => [
      { x: 4, y: floor + 18, text: "guess" }, { x: 4, y: floor + 32, text: "so far" },
      ...lens.flatMap((guesses, level) => guesses.map(({ text, p }, i) => ({ x: x(level) + strip / 2, y: floor + 20 + i * 18, number: `p${level}_${i + 1}`, text: `${showToken(text)} ${percent(p)}`, anchor: "middle", strong: !i }))),
    ],
  });

  function update(next) {
    frame = next;
    show(frame);
  }

  return { update };
}

// A bar for each part of the model: what it adds to the logit of one token. The outline: with all parts on.
function drawShares(api) {
  const svg = select(api.root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", "What each part adds to the logit");
  const layers = Object.fromEntries(["zero", "bars", "outlines", "words"].map((name) => [name, svg.append("g")]));

  function update(frame) {
    const width = Math.max(280, api.root.clientWidth);
    const [row, top, left, right] = [30, 30, 112, 54];
    const count = frame.names.length;
    const base = top + count * row + 8;
    const high = base + 40;
    const ends = [0, frame.logit, frame.whole, ...frame.shares, ...frame.before];
    const [low, most] = [Math.min(...ends), Math.max(...ends)];
    const lowest = low < 0 ? left + 44 : left; // room for the number of a bar below 0
    const x = (value) => lowest + ((width - right - lowest) * (value - low)) / (most - low || 1);
    svg.attr("viewBox", `0 0 ${width} ${high}`).attr("height", high);
    const bars = [...frame.names.map((name, i) => ({ name, value: frame.shares[i], before: frame.before[i], y: top + i * row, number: `share${i}` })), { name: "logit", value: frame.logit, before: frame.whole, y: base, number: "logit" }];
    layers.zero.selectAll("line").data([0]).join("line").attr("class", "limit").attr("x1", x(0)).attr("x2", x(0)).attr("y1", top - 6).attr("y2", high - 8);
    const place = (rects, of) => rects.attr("x", (bar) => Math.min(x(0), x(of(bar)))).attr("width", (bar) => Math.max(1, Math.abs(x(of(bar)) - x(0)))).attr("y", (bar) => bar.y).attr("height", 20).attr("rx", 3);
    const rects = layers.bars.selectAll("rect").data(bars).join("rect").style("fill", ({ name, value }) => (name === "logit" ? "var(--ink)" : value < 0 ? "var(--second)" : "var(--first)"));
    place(api.isCalm ? rects : rects.transition().duration(220), ({ value }) => value);
    place(layers.outlines.selectAll("rect").data(bars).join("rect").attr("fill", "none").style("stroke", "var(--soft)").attr("stroke-dasharray", "3 3"), ({ before }) => before);
    const told = [
      { text: `after “${showToken(frame.last)}”: the logit of “${showToken(frame.token)}”, probability ${percent(frame.p)}`, x: 4, y: 15, anchor: "start", strong: true },
      ...bars.flatMap(({ name, value, y, number }) => [
        { text: name, x: left - 10, y: y + 15, anchor: "end", strong: name === "logit" },
        { text: format(Math.round(100 * value) / 100, 3), number, x: value < 0 ? x(value) - 5 : x(value) + 5, y: y + 15, anchor: value < 0 ? "end" : "start", strong: name === "logit" },
      ]),
    ];
    layers.words.selectAll("text").data(told).join("text").attr("class", "told").attr("data-number", ({ number }) => number ?? null).attr("x", (one) => one.x).attr("y", (one) => one.y).attr("text-anchor", ({ anchor }) => anchor).style("font-size", "13px").style("font-weight", ({ strong }) => (strong ? 650 : 400)).text(({ text }) => text);
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

export const drawings = { path: whenReady(drawPath), shares: whenReady(drawShares), repeat: whenReady(drawRepeat) };
