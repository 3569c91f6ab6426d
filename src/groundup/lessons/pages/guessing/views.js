// Draws guesses that are checked one by one, what becomes of a guess among three tokens, and how much faster it gets.
import { select } from "/static/vendor/d3.js";

import { mix, readColours } from "/static/views/colours.js";
import { element, format, makePair, opening } from "/static/views/elements.js";
import { makeHandle, makePlot, tracePath } from "/static/views/plot.js";

const BOTH = "var(--first)";
const TOO_MUCH = "var(--second)";
const MISSING = "var(--good)";

const show = (letter) => (letter === " " ? "␣" : letter);
const percent = (share) => share === 0 ? "0" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}\u00a0%`;

// The text, the guesses of the last pass, and the probabilities in the place of one of them.
function drawRun(api) {
  const written = element("p");
  written.style.cssText = "margin:0 0 .5rem;padding:.5rem .75rem;height:3.9em;overflow-y:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.6rem;background:var(--page);font:1rem/1.45 ui-monospace,monospace";
  written.tabIndex = 0;
  written.setAttribute("role", "region");
  written.setAttribute("aria-label", "the text so far");
  const boxes = element("div");
  boxes.style.cssText = "display:flex;flex-wrap:wrap;gap:.3rem;min-height:56px";
  boxes.setAttribute("role", "group");
  boxes.setAttribute("aria-label", "the guesses of the last pass");
  const table = element("div");
  table.style.cssText = "display:grid;gap:1px;margin-top:.5rem;font-variant-numeric:tabular-nums";
  table.style.minHeight = "182px"; // nothing jumps with the first pass
  api.root.append(written, boxes, table);
  let pinned = null; // the guess that was tapped; else the one that decided the pass is shown
  let shownText = null;

  function update(frame, { passes }) {
    if (pinned?.passes !== passes || pinned.frame !== frame) pinned = null;
    const done = frame.passes.slice(0, passes);
    const parts = [element("span", "", frame.prompt)];
    for (const one of done) {
      const kept = element("span", "", one.guessed.slice(0, one.kept).join(""));
      kept.style.color = BOTH;
      const added = element("span", "", one.added);
      added.style.cssText = `color:${MISSING};text-decoration:underline`;
      parts.push(kept, added);
    }
    // To scroll makes the browser lay the page out: it is done only where the text has changed.
    const text = parts.map((part) => part.outerHTML).join("");
    if (text !== shownText) {
      shownText = text;
      written.replaceChildren(...parts, element("span", "", "▏"));
      written.scrollTop = written.scrollHeight;
    }
    const last = done.at(-1);
    const chosen = pinned?.place ?? last?.kept ?? 0;
    drawGuesses(last, chosen, (place) => { api.pause(); pinned = { frame, passes, place }; api.redraw(); });
    drawProbabilities(last?.places[chosen], last?.guessed[chosen]);
    api.say(frame.told[passes]);
  }

  function drawGuesses(last, chosen, choose) {
    const rows = last ? [...last.guessed, last.added].map((letter, at) => {
      const end = at === last.guessed.length;
      const kind = end ? (last.kept === at ? "added" : "") : at < last.kept ? "kept" : at === last.kept ? "rejected" : "unused";
      return { letter, at, kind, end };
    }).filter(({ kind }) => kind) : [];
    const item = select(boxes).selectAll("button").data(rows).join((enter) => {
      const made = enter.append("button").attr("type", "button").style("display", "grid").style("padding", ".2rem .4rem").style("min-width", "3.1rem").style("justify-items", "center");
      made.append("span").attr("class", "letter").style("font", "600 1.15rem ui-monospace,monospace");
      made.append("span").attr("class", "fate").style("font-size", ".74rem").style("font-weight", "500");
      return made;
    });
    item.attr("aria-pressed", ({ at }) => String(at === chosen)).style("border-color", ({ at }) => (at === chosen ? "var(--ink)" : "var(--line)")).style("background", "var(--page)")
      .on("click", (_, { at }) => choose(at));
    item.select(".letter").text(({ letter }) => show(letter)).style("color", ({ kind }) => ({ kept: BOTH, rejected: TOO_MUCH, added: MISSING, unused: "var(--soft)" })[kind])
      .style("text-decoration", ({ kind }) => (kind === "rejected" || kind === "unused" ? "line-through" : "none"));
    item.select(".fate").text(({ kind, end }) => (kind === "rejected" ? `→ ${show(last.added)}` : kind === "added" && end ? "added" : kind)).style("color", "var(--soft)");
  }

  function drawProbabilities(place, guess) {
    const lines = place ? place.letters.map((letter, at) => ({ letter, p: place.p[at], q: place.q[at], rest: place.rest[at] })) : [];
    const head = { letter: "", head: true };
    const most = Math.max(0.1, ...lines.flatMap(({ p, q }) => [p, q]));
    const row = select(table).selectAll("div").data([head, ...lines]).join((enter) => {
      const made = enter.append("div").style("display", "grid").style("grid-template-columns", "1.3rem minmax(0,1fr) 3.4rem 3.4rem 3.4rem").style("gap", ".4rem").style("align-items", "center").style("min-height", "21px").style("font-size", ".85rem");
      made.append("span").attr("class", "letter").style("font-family", "ui-monospace,monospace");
      const track = made.append("span").attr("class", "track").style("position", "relative").style("height", "13px");
      for (const kind of ["both", "more"]) track.append("span").attr("class", kind).style("position", "absolute").style("top", "0").style("bottom", "0");
      for (const kind of ["p", "q", "rest"]) made.append("span").attr("class", kind).style("text-align", "right");
      return made;
    });
    row.style("visibility", place ? "visible" : "hidden").style("font-weight", ({ letter, head: top }) => (!top && letter === guess ? 700 : 400));
    row.select(".letter").text(({ letter, head: top }) => (top ? "" : show(letter)));
    row.select(".both").style("left", "0").style("background", BOTH).style("width", ({ p, q, head: top }) => (top ? 0 : `${(100 * Math.min(p, q)) / most}%`));
    row.select(".more").style("left", ({ p, q, head: top }) => (top ? 0 : `${(100 * Math.min(p, q)) / most}%`)).style("width", ({ p, q, head: top }) => (top ? 0 : `${(100 * Math.abs(p - q)) / most}%`))
      .style("background", ({ p, q }) => (p > q ? MISSING : "transparent")).style("border", ({ p, q, head: top }) => (top || p > q ? "0" : `2px solid ${TOO_MUCH}`)).style("box-sizing", "border-box");
    for (const [kind, name] of [["p", "target p"], ["q", "draft q"], ["rest", "rest r"]]) {
      row.select(`.${kind}`).text((line) => (line.head ? name : percent(line[kind]))).style("white-space", "nowrap").style("font-style", ({ head: top }) => (top ? "italic" : null));
    }
  }

  return { update, local: ["passes"], pace: 1.5 };
}

// Left: the two distributions, whose bars the hand drags. Right: what came of the draws.
function drawExact(api) {
  const [left, right] = makePair(api.root);
  const options = { x: [-0.6, 2.6], y: [0, 1.12], ratio: 0.8, tallest: 300, lowest: 250, ticks: [0, 5], margin: { left: 38, bottom: 34 } };
  const plot = makePlot(left, { ...options, label: "The probabilities of three tokens under target and draft", yLabel: "probability" });
  const results = makePlot(right, { ...options, label: "The share of each token among the results", yLabel: "share of the results" });
  const parts = plot.inside.append("g");
  const names = [plot, results].map(({ above }) => above.append("g"));
  const told = [plot, results].map(({ above }) => above.append("g"));
  const bars = results.inside.append("g");
  const levels = results.inside.append("g");
  const letters = ["a", "b", "c"];
  const table = element("table", "hand-table opening-table");
  api.root.append(table);
  // The others keep their proportions, and the sum stays 1.
  const move = (name, place, share) => {
    const found = api.frame[name];
    const others = found.reduce((sum, one, at) => (at === place ? sum : sum + one), 0);
    api.set({ [name]: found.map((one, at) => [at === place ? share : others ? (one * (1 - share)) / others : (1 - share) / 2]) });
  };
  const handles = ["p", "q"].flatMap((name, side) => letters.map((letter, place) => ({
    name, place, side,
    handle: makeHandle(plot, {
      label: `${side ? "draft" : "target"}, token ${letter}`, axis: "y", step: 0.02, radius: 7, bounds: { y: [0, 1] }, kind: side ? "other" : "",
      text: ({ y }) => format(y, 3), move: ({ y }) => move(name, place, Math.round(100 * y) / 100),
    }),
  })));

  function update(frame, { draws, rule }) {
    plot.fit();
    results.fit();
    const unit = plot.x(1) - plot.x(0);
    const box = (layer, rows, where) => layer.selectAll("rect").data(rows).join("rect").attr("x", ({ place }) => where.x(place) - 0.3 * unit).attr("width", 0.6 * unit)
      .attr("y", ({ high }) => where.y(high)).attr("height", ({ low, high }) => Math.max(0, where.y(low) - where.y(high))).style("fill", ({ fill }) => fill).style("stroke", ({ line }) => line ?? "none").attr("stroke-width", 2);
    box(parts, letters.flatMap((_, place) => {
      const [p, q, kept] = [frame.p[place], frame.q[place], frame.kept[place]];
      return [{ place, low: 0, high: kept, fill: BOTH }, { place, low: kept, high: Math.max(p, q), fill: p > q ? MISSING : "transparent", line: p > q ? null : TOO_MUCH }];
    }), plot);
    handles.forEach(({ name, place, side, handle }) => handle.show(place + (side ? 0.3 : -0.3), frame[name][place]));
    const known = frame.results.slice(0, draws);
    const count = (token, kept) => known.filter((result, at) => result === token && (frame.guesses[at] === result) === kept).length / Math.max(1, draws);
    const shares = letters.map((_, token) => [count(token, true), count(token, false)]);
    box(bars, shares.flatMap(([kept, replaced], place) => [{ place, low: 0, high: kept, fill: BOTH }, { place, low: kept, high: kept + replaced, fill: MISSING }]), results);
    levels.selectAll("line").data(frame.p).join("line").attr("x1", (_, at) => results.x(at) - 0.36 * unit).attr("x2", (_, at) => results.x(at) + 0.36 * unit).attr("y1", (share) => results.y(share)).attr("y2", (share) => results.y(share))
      .style("stroke", "var(--ink)").attr("stroke-width", 2.5).attr("stroke-dasharray", "5 3");
    showTable(frame, rule);
    [plot, results].forEach((where, at) => names[at].selectAll("text").data(letters).join("text").attr("class", "told").attr("text-anchor", "middle").attr("x", (_, place) => where.x(place)).attr("y", where.y(0) + 20).text((letter) => letter));
    told[0].selectAll("text").data([["● target p", BOTH, "start", 4], ["● draft q", TOO_MUCH, "end", -4]]).join("text").attr("class", "told small").attr("text-anchor", ([, , anchor]) => anchor)
      .attr("x", ([, , , shift]) => plot.x(shift > 0 ? -0.6 : 2.6) + shift).attr("y", plot.y(1.12) + 12).style("fill", ([, fill]) => fill).text(([text]) => text);
    told[1].selectAll("text").data([`${draws} draws`, "dashed: p"]).join("text").attr("class", "told small").attr("text-anchor", "end").attr("x", results.x(2.6) - 4).attr("y", (_, at) => results.y(1) + 14 + 16 * at).text((text) => text);
  }

  // The same numbers, written: each opens.
  function showTable(frame, rule) {
    const write = (share) => format(Math.abs(share) < 1e-9 ? 0 : share, 3);
    const rows = [
      ["a guess is kept, min(1, p/q)", frame.chances, "chance", BOTH], ["guessed and kept", frame.kept, "kept", BOTH],
      [`replacement, ${rule === "rest" ? "r" : "p"}`, frame.replacement, "r", MISSING], ["in the end", frame.result, "end", "var(--ink)"],
    ];
    const top = document.createElement("tr");
    top.append(element("td"), ...letters.map((letter) => element("th", "", letter)));
    table.replaceChildren(top, ...rows.map(([name, shares, key, colour]) => {
      const row = document.createElement("tr");
      row.append(element("th", "", name), ...shares.map((share, place) => {
        const cell = element("td");
        cell.append(share === null ? "–" : opening(write(share), `${key}${place}`));
        cell.style.color = colour;
        return cell;
      }));
      return row;
    }));
  }

  return { update, local: ["draws"], pace: 10 };
}

// Left: the best speed for each acceptance and cost, with the point that the hand drags. Right: the speed of each number of guesses.
function drawSpeed(api) {
  const [left, right] = makePair(api.root);
  const plot = makePlot(left, { x: [0, 0.99], y: [0, 0.6], label: "The best speed for each acceptance and cost", xLabel: "a guess is kept, a", yLabel: "cost of a guess, c", ratio: 0.85, tallest: 320, lowest: 270, ticks: [5, 6], margin: { left: 40 } });
  const cells = plot.inside.append("g");
  const words = plot.above.append("g");
  const curve = makePlot(right, { x: [0, 10], y: [0, 4], label: "How many times as fast, for each number of guesses", xLabel: "guesses per pass k", yLabel: "times as fast (dashed: the target alone)", ratio: 0.85, tallest: 320, lowest: 270, ticks: [10, 5], margin: { left: 34 } });
  const one = curve.inside.append("line").attr("class", "limit strong");
  const line = curve.inside.append("path").attr("class", "curve");
  const dots = curve.inside.append("g");
  const names = curve.above.append("g");
  const handle = makeHandle(plot, {
    label: "acceptance and cost", step: 0.01, bounds: { x: [0, 0.99], y: [0, 0.6] }, text: ({ x, y }) => `kept ${format(x, 2)}, cost ${format(y, 2)}`,
    move: ({ x, y }) => api.set({ kept: Math.round(100 * x) / 100, cost: Math.round(100 * y) / 100 }),
  });

  function update(frame, { kept, cost }) {
    plot.fit();
    const colours = readColours();
    const colour = (speed) => (speed > 1 ? mix(colours.card, colours.first, Math.min(1, Math.log(speed) / Math.log(6))) : mix(colours.card, colours.second, Math.min(1, (1 - speed) / 0.5)));
    const [wide, high] = [0.99 / frame.map[0].length, 0.6 / frame.map.length];
    cells.selectAll("rect").data(frame.map.flatMap((row, r) => row.map((speed, c) => ({ speed, r, c })))).join("rect").attr("x", ({ c }) => plot.x(c * wide)).attr("y", ({ r }) => plot.y((r + 1) * high))
      .attr("width", plot.x(wide) - plot.x(0) + 0.5).attr("height", plot.y(0) - plot.y(high) + 0.5).attr("fill", ({ speed }) => colour(speed));
    words.selectAll("text").data([[0.02, 0.55, "start", "slower"], [0.97, 0.09, "end", "faster"]]).join("text").attr("class", "told small").attr("text-anchor", ([, , anchor]) => anchor).attr("x", ([x]) => plot.x(x)).attr("y", ([, y]) => plot.y(y)).text(([, , , text]) => text);
    handle.show(kept, cost);
    const most = Math.max(2.6, 1.15 * frame.best[1]);
    curve.fit({ y: [0, most] });
    one.attr("x1", curve.x(0)).attr("x2", curve.x(10)).attr("y1", curve.y(1)).attr("y2", curve.y(1));
    line.attr("d", tracePath(curve, frame.curve));
    const points = [...frame.curve.map((point) => [...point, BOTH, point[0] === frame.best[0] ? 6 : 3]), ...frame.measured.map((point) => [...point, TOO_MUCH, 6])];
    dots.selectAll("circle").data(points).join("circle").attr("cx", ([x]) => curve.x(x)).attr("cy", ([, y]) => curve.y(y)).attr("r", ([, , , radius]) => radius).style("fill", ([, , fill]) => fill);
    const texts = [];
    if (frame.measured.length) texts.push({ x: curve.x(10) - 4, y: curve.y(most) + 14, text: "● measured", anchor: "end", fill: TOO_MUCH });
    // The best one, beside its point: above the curve, which has its highest place there.
    const [count, speed] = frame.best;
    texts.push({ x: Math.min(curve.x(count), curve.x(10) - 40), y: curve.y(speed) - 12, text: `${count} guess${count > 1 ? "es" : ""}: ${format(speed, 3)}`, anchor: count < 2 ? "start" : "middle", fill: BOTH, key: "speed" });
    names.selectAll("text").data(texts).join("text").attr("class", "told small").attr("text-anchor", ({ anchor }) => anchor).attr("x", ({ x }) => x).attr("y", ({ y }) => y).style("fill", ({ fill }) => fill ?? null).attr("data-number", ({ key }) => key ?? null).text(({ text }) => text);
  }

  return { update };
}

export const drawings = { run: drawRun, exact: drawExact, speed: drawSpeed };
