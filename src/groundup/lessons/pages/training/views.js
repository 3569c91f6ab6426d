// Draws a GPT in training with what it writes, one loss in three units, and a text shaded by surprise.
import { select } from "/static/vendor/d3.js";

import { element, format, percent } from "/static/views/elements.js";
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

export const drawings = { learn: drawLearn, units: drawUnits, surprise: whenReady(drawSurprise) };
