// Draws the board, the ten answers beside it, what hidden nodes look for, and the test.
import { inkColour, makePixels, signedColour } from "/static/views/pixels.js";
import { mix, readColours } from "/static/views/colours.js";
import { button, element, format, wholePercent } from "/static/views/elements.js";
import { whenReady } from "/static/views/waiting.js";

const SIDE = 28;
const FINE = 10; // the board is drawn so many times finer than the network sees it
const PEN = 2.5;
const BOARD = 2 * SIDE; // the lab gets the ink counted in so many cells each way

// The board: a pen, a finger, or the arrow keys with Shift.
function makeBoard(root, draw) {
  const canvas = element("canvas", "board");
  canvas.width = canvas.height = SIDE * FINE;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Draw a digit: with a mouse, a finger or a pen; or move with the arrow keys and draw with Shift and the arrow keys");
  root.append(canvas);
  const ink = document.createElement("canvas");
  ink.width = ink.height = SIDE * FINE;
  const brush = ink.getContext("2d", { willReadFrequently: true });
  const screen = canvas.getContext("2d");
  let pen = null;
  let key = [SIDE / 2, 6];
  let drawn = false;

  function read() {
    const { data } = brush.getImageData(0, 0, ink.width, ink.height);
    const cell = ink.width / BOARD;
    const levels = new Array(BOARD * BOARD).fill(0);
    for (let y = 0; y < ink.height; y += 1) {
      for (let x = 0; x < ink.width; x += 1) {
        levels[Math.floor(y / cell) * BOARD + Math.floor(x / cell)] += data[4 * (y * ink.width + x) + 3];
      }
    }
    return levels.map((sum) => Math.round((100 * sum) / (255 * cell * cell)) / 100);
  }
  function stroke([x, y], [toX, toY]) {
    if (!drawn) brush.clearRect(0, 0, ink.width, ink.height);
    drawn = true;
    Object.assign(brush, { lineWidth: PEN * FINE, lineCap: "round", lineJoin: "round" });
    brush.beginPath();
    brush.moveTo(x * FINE, y * FINE);
    brush.lineTo(toX * FINE + 0.01, toY * FINE);
    brush.stroke();
    show();
    draw(read());
  }
  function show(sample) {
    const colours = readColours();
    screen.clearRect(0, 0, canvas.width, canvas.height);
    if (drawn) {
      screen.drawImage(ink, 0, 0);
    } else if (sample) {
      sample.forEach((row, r) => row.forEach((level, c) => {
        if (!level) return;
        screen.fillStyle = mix(colours.card, colours.soft, level * 0.75);
        screen.fillRect(c * FINE, r * FINE, FINE, FINE);
      }));
    }
    screen.globalCompositeOperation = "source-atop";
    if (drawn) { screen.fillStyle = colours.ink; screen.fillRect(0, 0, canvas.width, canvas.height); }
    screen.globalCompositeOperation = "source-over";
    if (document.activeElement === canvas && !pen) {
      screen.strokeStyle = colours.mark;
      screen.lineWidth = 2;
      screen.strokeRect((key[0] - 1) * FINE, (key[1] - 1) * FINE, 2 * FINE, 2 * FINE);
    }
  }
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen = place(event);
    stroke(pen, pen);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pen) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(part);
      stroke(pen, next);
      pen = next;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { pen = null; });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = key.map((value, axis) => Math.min(SIDE - 2, Math.max(2, value + step[axis])));
    if (event.shiftKey) stroke(key, next);
    key = next;
    show();
  });
  return { show, clear() { drawn = false; }, get drawn() { return drawn; } };
}

function drawBoard(api) {
  const root = element("div", "reader");
  api.root.append(root);
  const left = element("div", "reader-board");
  const middle = element("div", "reader-bars");
  const right = element("div", "reader-seen");
  root.append(left, middle, right);
  left.append(element("p", "part-name", "Draw here"));
  const board = makeBoard(left, (ink) => api.set({ ink, drawn: 1 }));
  const clear = button("Clear", () => { board.clear(); api.set({ drawn: 0 }); });
  clear.classList.add("clear-board");
  left.append(clear);
  middle.append(element("p", "part-name", "It answers"));
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = button("", () => api.set({ evidence: api.values.evidence === digit ? -1 : digit }));
    bar.className = "digit-bar";
    const fill = element("i");
    bar.append(element("b", "", String(digit)), fill, element("output"));
    bar.title = `What speaks for ${digit}?`;
    middle.append(bar);
    return { bar, fill, told: bar.querySelector("output") };
  });
  const name = element("p", "part-name");
  right.append(name);
  const seen = makePixels(right, "What the network sees: each pixel of ink in the colour of its share", "seen");
  const told = element("p", "pixel-told");
  right.append(told);
  const score = element("span");
  score.dataset.number = "score";
  let shown = null;
  seen.canvas.addEventListener("pointermove", (event) => {
    if (!shown) return;
    const box = seen.canvas.getBoundingClientRect();
    const [column, row] = [event.clientX - box.left, event.clientY - box.top].map((at) => Math.min(SIDE - 1, Math.max(0, Math.floor((at * SIDE) / box.width))));
    told.textContent = `row ${row}, column ${column}: ink ${format(shown.picture[row][column], 2)}, share ${format(shown.shares[row][column], 2)}`;
  });
  seen.canvas.addEventListener("pointerleave", () => { told.textContent = "Point at a pixel."; });
  told.textContent = "Point at a pixel.";

  function update(frame, values) {
      shown = frame;
    if (!values.drawn) board.clear();
    board.show(frame.picture);
    clear.disabled = !values.drawn;
    frame.probabilities.forEach((probability, digit) => {
      const { bar, fill, told: label } = bars[digit];
      fill.style.setProperty("--share", probability);
      label.textContent = wholePercent(probability);
      bar.classList.toggle("best", digit === frame.best);
      bar.setAttribute("aria-pressed", String(digit === frame.evidence));
      bar.setAttribute("aria-description", `Show what speaks for ${digit}`);
    });
    name.replaceChildren(`What speaks for ${frame.evidence}: score `, score);
    score.textContent = format(frame.score, 3);
    const colours = readColours();
    const most = Math.max(...frame.shares.flat().map(Math.abs), 1e-9);
    seen.paint(frame.shares, (share, r, c) => {
      const paper = mix(colours.card, colours.soft, Math.round(frame.picture[r][c] * 12) / 40);
      const strength = Math.round(Math.min(1, Math.abs(share) / most) ** 0.7 * 32) / 32;
      return strength ? mix(colours.card, share > 0 ? colours.first : colours.second, Math.max(strength, 0.06)) : paper;
    });
  }

  return { update };
}

// What is drawn, and the three forms that it takes.
function drawStages(api) {
  const grid = element("div", "stage-grid");
  api.root.append(grid);
  const parts = [["drawn", "drawn"], ["bitmap", "32 × 32 squares"], ["counts", "8 × 8 counts"], ["picture", "28 × 28 pixels"]].map(([name, words]) => {
    const cell = element("figure", "node");
    const pixels = makePixels(cell, words);
    cell.append(element("figcaption", "", words));
    grid.append(cell);
    return { name, pixels };
  });

  function update(frame) {
    const paint = inkColour();
    for (const { name, pixels } of parts) pixels.paint(frame[name], name === "counts" ? (count) => paint(count / 16) : paint);
  }

  return { update };
}

function drawNodes(api) {
  const grid = element("div", "node-grid");
  api.root.append(grid);
  const cells = Array.from({ length: 12 }, () => {
    const cell = element("figure", "node");
    const pixels = makePixels(cell, "weights of a hidden node");
    const told = element("figcaption");
    const name = element("b");
    const product = element("span", "node-part");
    const [answer, part] = [element("span"), element("strong")];
    product.append(answer, element("span"), part);
    told.append(name, product);
    cell.append(told);
    grid.append(cell);
    return { cell, pixels, name, product, answer, weight: product.children[1], part };
  });

  function update(frame) {
    cells.forEach(({ cell, pixels, name, product, answer, weight, part }, place) => {
      const node = frame.nodes[place];
      cell.style.visibility = node ? "visible" : "hidden";
      if (!node) return;
      pixels.paint(node.weights, signedColour(1));
      pixels.canvas.setAttribute("aria-label", `The weights of hidden node ${node.number}`);
      name.textContent = node.part === null ? `filter ${node.number}` : `node ${node.number}`;
      product.hidden = node.part === null;
      if (node.part === null) return;
      [[answer, node.answers, "h"], [part, node.part, "part"]].forEach(([place_, value, key]) => {
        place_.textContent = format(value, 2);
        place_.dataset.number = `${key}${node.number}`;
      });
      weight.textContent = ` · ${node.out < 0 ? `(${format(node.out, 2)})` : format(node.out, 2)} = `;
    });
  }

  return { update };
}

function drawTest(api) {
  const root = element("div", "confusion");
  api.root.append(root);
  const table = element("table", "matrix");
  const head = element("tr");
  head.append(element("td", "corner", "true \\ read"), ...Array.from({ length: 10 }, (_, digit) => element("th", "", String(digit))));
  table.append(head);
  const cells = Array.from({ length: 10 }, (_, truth) => {
    const row = element("tr");
    row.append(element("th", "", String(truth)));
    const made = Array.from({ length: 10 }, (_, answer) => {
      const cell = element("td");
      const press = button("", () => api.set({ truth, answer }));
      press.tabIndex = -1; // the sliders below do the same for the keyboard
      cell.append(press);
      row.append(cell);
      return press;
    });
    table.append(row);
    return made;
  });
  const holder = element("div", "matrix-holder");
  holder.append(table);
  const side = element("div", "cell-pictures");
  root.append(holder, side);

  function update(frame) {
      const colours = readColours();
    const most = Math.max(...frame.matrix.flat());
    frame.matrix.forEach((row, truth) => row.forEach((count, answer) => {
      const press = cells[truth][answer];
      const wrong = truth !== answer;
      press.textContent = count || "";
      press.setAttribute("aria-label", `${truth} read as ${answer}: ${count}`);
      press.style.background = count ? mix(colours.card, wrong ? colours.second : colours.first, wrong ? 0.35 + 0.5 * Math.min(1, count / 5) : 0.15 + 0.38 * (count / most)) : "transparent";
      press.classList.toggle("chosen", truth === frame.truth && answer === frame.answer);
    }));
    side.replaceChildren(element("p", "part-name", frame.pictures.length ? `${frame.truth} read as ${frame.answer}` : `No ${frame.truth} is read as ${frame.answer}`));
    const grid = element("div", "picture-grid");
    side.append(grid);
    for (const picture of frame.pictures) {
      const cell = element("figure", "node");
      makePixels(cell, `a ${frame.truth}, read as ${frame.answer} with ${wholePercent(picture.sure)}`).paint(picture.pixels, inkColour());
      cell.append(element("figcaption", "", wholePercent(picture.sure)));
      grid.append(cell);
    }
  }

  return { update };
}

export const drawings = { board: whenReady(drawBoard), stages: drawStages, nodes: whenReady(drawNodes), test: whenReady(drawTest) };
