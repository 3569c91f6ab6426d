// Draws tokens as coloured pieces: three ways to cut a text, merges one by one, a tensor of ids, windows.
import { interpolateRainbow } from "/static/vendor/d3.js";

import { button, element } from "/static/views/elements.js";
import { makePlot, placeLabel, tracePath } from "/static/views/plot.js";

// Characters that show nothing are written as what they are: a space, the joiner inside of some emoji, …
const visible = (text) => text.replaceAll(" ", "␣").replace(/[\p{C}\p{Zs}]/gu, (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);

// The same piece has the same colour everywhere on the page.
function hueOf(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return interpolateRainbow((sum * 0.618) % 1); // neighbors in the alphabet get colours far apart
}

function makePiece(text, kind = "") {
  const piece = element("span", `piece ${kind}`, visible(text));
  piece.style.setProperty("--hue", hueOf(text));
  return piece;
}

function drawMerges(api) {
  const root = element("div", "merges");
  api.root.append(root);
  const text = element("p", "pieces");
  const side = element("div", "merge-side");
  const pairs = element("div", "merge-pairs");
  pairs.append(element("p", "part-name", "Neighbors, most frequent first"));
  const rows = Array.from({ length: 6 }, () => {
    const row = element("div", "merge-pair");
    const name = element("span", "pair-name");
    const bar = element("i");
    const told = element("output");
    row.append(name, told, bar);
    pairs.append(row);
    return { row, name, bar, told };
  });
  const chart = element("div", "lengths");
  side.append(pairs, chart);
  root.append(text, side);
  const plot = makePlot(chart, { x: [0, 40], label: "The number of symbols after each merge", xLabel: "merges", ratio: 0.6, tallest: 190, lowest: 150, margin: { left: 36 } });
  const curve = plot.inside.append("path").attr("class", "curve");
  const dot = plot.above.append("circle").attr("class", "ball").attr("r", 6);
  const told = plot.above.append("text").attr("class", "told");

  function update(frame) {
    const next = new Set(frame.next);
    const fresh = new Set(frame.fresh);
    text.replaceChildren();
    frame.symbols.forEach((symbol, place) => {
      const joins = next.has(place) ? "joins left" : next.has(place - 1) ? "joins right" : "";
      const piece = makePiece(symbol, `${fresh.has(place) ? "fresh" : ""} ${joins}`);
      piece.dataset.number = `symbol${place}`;
      text.append(piece);
    });
    const most = frame.pairs[0]?.count ?? 1;
    rows.forEach(({ row, name, bar, told: count }, place) => {
      const pair = frame.pairs[place];
      row.style.visibility = pair ? "visible" : "hidden";
      row.classList.toggle("first", place === 0);
      if (!pair) return;
      count.dataset.number = `pair${place}`;
      name.replaceChildren(makePiece(pair.left), makePiece(pair.right));
      bar.style.setProperty("--share", pair.count / most);
      count.textContent = `${pair.count} ×`;
    });
    plot.fit({ y: [0, frame.lengths[0] * 1.08] });
    curve.attr("d", tracePath(plot, frame.lengths.map((length, merges) => [merges, length])));
    const done = frame.lengths.length - 1;
    dot.attr("cx", plot.x(done)).attr("cy", plot.y(frame.lengths[done]));
    placeLabel(told, plot, plot.x(done), plot.y(frame.lengths[done]) - 10, `${frame.lengths[done]} ${frame.lengths[done] === 1 ? "symbol" : "symbols"}`, 8);
  }

  // The counts before any merge are what a question asks for: they stay.
  return { update, pace: 1.6, isDone: ({ merges }) => merges === 0 };
}

function drawTable(api) {
  const root = element("div", "id-table");
  api.root.append(root);

  function makeCell(word, id, kind = "") {
    const cell = element("span", `id-cell ${kind}`);
    const piece = makePiece(word, kind);
    cell.append(piece, element("b", "", String(id)));
    cell.dataset.id = id;
    return cell;
  }
  function light(event) {
    const id = event.target.closest?.("[data-id]")?.dataset.id;
    for (const cell of root.querySelectorAll("[data-id]")) cell.classList.toggle("lit", id !== undefined && cell.dataset.id === id);
  }
  root.addEventListener("pointerover", light);
  root.addEventListener("pointerleave", light);

  function update(frame) {
    const list = element("div", "id-row");
    list.append(makeCell("padding", 0, "pad"), ...frame.vocabulary.map((word, place) => makeCell(word, place + 1)), makeCell("unknown", frame.unknown, "unknown"));
    const tensor = element("div", "id-tensor");
    frame.tensor.forEach((row, place) => {
      const line = element("div", "id-row");
      line.append(...row.map((id, time) => makeCell(frame.rows[place][time] ?? "·", id, id ? "" : "pad")));
      tensor.append(line);
    });
    const asked = element("div", "id-row");
    asked.append(...frame.asked.map(({ word, id, known }) => makeCell(word, id, known ? "" : "unknown")));
    root.replaceChildren(
      element("p", "part-name", "The vocabulary"), list,
      element("p", "part-name", `The sentences as one tensor, shape (${frame.tensor.length}, ${frame.tensor[0].length})`), tensor,
      element("p", "part-name", "The new sentence"), asked,
    );
  }

  return { update };
}

function drawPieces(api) {
  const root = element("div", "cuts");
  api.root.append(root);
  const rows = Array.from({ length: 3 }, () => {
    const [head, line] = [element("p", "part-name"), element("p", "pieces tokens")];
    root.append(head, line);
    return { head, line, cut: "" };
  });

  // What the three ways make of the same place in the text is lit together.
  function light(event) {
    const at = event.target.closest?.("[data-start]")?.dataset;
    for (const token of root.querySelectorAll("[data-start]")) {
      const { start, end } = token.dataset;
      token.classList.toggle("lit", at !== undefined && Number(start) < Number(at.end) && Number(end) > Number(at.start));
    }
  }
  root.addEventListener("pointerover", light);
  root.addEventListener("pointerleave", light);

  function makeToken({ text, id, start, end, known, bytes }) {
    const token = element("span", "token");
    token.append(makePiece(text, `${known ? "" : "unknown"} ${bytes ? "bytes" : ""}`), element("small", "", id === null ? "?" : String(id)));
    Object.assign(token.dataset, { start, end });
    return token;
  }

  function update(frame) {
    frame.rows.forEach(({ name, size, unknown, tokens }, place) => {
      const { head, line } = rows[place];
      const count = `${tokens.length} ${tokens.length === 1 ? name.slice(0, -1) : name}`;
      head.textContent = `${count}, from a vocabulary of ${size.toLocaleString("en")}${unknown ? `; unknown: ${unknown}` : ""}`;
      const cut = JSON.stringify(tokens);
      if (cut !== rows[place].cut) line.replaceChildren(...tokens.map(makeToken)); // merges change only the pieces
      rows[place].cut = cut;
    });
  }

  return { update };
}

function drawWindows(api) {
  const root = element("div", "windows");
  api.root.append(root);
  const whole = element("p", "pieces");
  const pairs = element("div", "window-pairs");
  root.append(element("p", "part-name", "The text; press a word to begin the window there"), whole, pairs);

  function update(frame) {
    const { start, inputs, targets, starts } = frame;
    whole.replaceChildren(...frame.tokens.map((token, place) => {
      const inside = place >= start && place < start + inputs.length;
      const press = button("", () => { api.pause(); api.set({ start: Math.min(place, starts - 1) }); });
      press.className = `word ${inside ? "inside" : ""} ${place === start + inputs.length ? "last" : ""}`;
      press.append(makePiece(token));
      return press;
    }));
    pairs.replaceChildren(...inputs.map((_, place) => {
      const row = element("p", "window-pair");
      const seen = element("span", "seen-words");
      seen.append(...inputs.slice(0, place + 1).map((token) => makePiece(token)));
      row.append(seen, element("span", "arrow", "→"), makePiece(targets[place], "fresh"));
      return row;
    }));
  }

  return { update, pace: 1.6 };
}

export const drawings = { pieces: drawPieces, languages: drawPieces, merges: drawMerges, table: drawTable, windows: drawWindows };
