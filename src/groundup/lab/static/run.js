import { ask, askJson, drawChart, make, nameTime, round, say } from "./tools.js";

const root = document.querySelector("#run"), name = root.dataset.name, task = root.dataset.task, form = root.dataset.form;
const api = `/api/runs/${encodeURIComponent(name)}`;
const find = (selector) => document.querySelector(selector);

// ── how it trains ──────────────────────────────────────────────────────────────
let metrics = [], gone = false, startsUntil = 0;

async function refresh() {
  let wait = 4000;
  try {
    const after = metrics.length ? metrics.at(-1).step : -1;
    const facts = await askJson(`${api}?after=${after}`);
    const behind = metrics.length && facts.last.step < metrics.at(-1).step;
    if (behind) metrics = []; // trained again from an earlier step
    else metrics.push(...facts.metrics.filter((line) => "step" in line));
    show(facts, facts.metrics.length > 0);
    say(facts.said || facts.error);
    wait = behind ? 50 : facts.state === "training" ? 800 : 4000;
  } catch (error) {
    say(error.status === 404 ? "This run is gone: its folder has been deleted or renamed." : error.message);
    gone = error.status === 404;
    if (gone) find("#state").textContent = "gone";
  }
  if (!gone) setTimeout(refresh, document.hidden ? 5000 : wait);
}

function show(facts, changed) {
  const state = find("#state"), starting = facts.state === "stopped" && Date.now() < startsUntil;
  state.textContent = starting ? "starting …" : facts.state;
  state.className = facts.state;
  find("#stop").hidden = !facts.ours;
  find("#resume").hidden = facts.state !== "stopped" || starting;
  const step = facts.last.step ?? 0;
  const { seconds } = facts.last;
  const place = facts.steps ? `step ${step} of ${facts.steps}` : `step ${step}`;
  find("#outcome").textContent = facts.outcome;
  showProgress(facts, step, seconds, starting);
  showWords(facts.words);
  find("#figures").replaceChildren(...[place, ...facts.figures].map((words) => make("span", { textContent: words })));
  if (changed || !find("#charts").children.length) showCharts(facts.curves);
  const shown = facts.samples.map((sample) => [make("div", { className: "soft", textContent: `written at step ${sample.step}` }), make("pre", { textContent: sample.text })]);
  find("#samples").replaceChildren(...shown.reverse().flat());
  const settings = facts.settings.flatMap(({ name, value, about }) => [make("dt", { textContent: name }), make("dd", {}, make("b", { textContent: value }), ` ${about}`)]);
  if (!find("#settings").children.length) find("#settings").replaceChildren(...settings);
}

function showProgress(facts, step, seconds, starting) {
  const bar = find("#progress"), unfinished = facts.state === "training" || facts.state === "stopped";
  bar.hidden = !unfinished || !facts.steps;
  if (facts.steps) Object.assign(bar, { max: facts.steps, value: Math.min(step, facts.steps) });
  if (facts.state === "training" && !step) bar.removeAttribute("value"); // it loads, for how long nobody knows
  const left = facts.seconds_left, words = [];
  if (starting || (facts.state === "training" && !step)) words.push("It reads its data and makes its first steps.");
  else if (facts.state === "training") words.push(left == null ? "" : left < 1 ? "Nearly done." : `About ${nameTime(left)} left.`);
  else if (facts.state === "stopped" && step) words.push(`Stopped after ${steps(step)}. Nothing is lost: it can go on from there.`);
  else if (facts.state === "finished" && seconds) words.push(`Trained in ${nameTime(seconds)}.`);
  find("#time").textContent = words.join(" ");
}

const steps = (count) => (count === 1 ? "1 step" : `${count} steps`);

/** Show what a finished run says of itself: a line that begins with spaces belongs to the one above it. */
function showWords(lines) {
  const box = find("#learned");
  box.hidden = !lines.length;
  if (box.hidden || box.querySelector("p")) return;
  let list = null;
  for (const line of lines) {
    if (!line.startsWith(" ")) {
      list = null;
      box.append(make("p", { textContent: line }));
    } else {
      if (!list) box.append((list = make("ul")));
      list.append(make("li", { textContent: line.trim() }));
    }
  }
}

/** Draw the curves: a chart for each kind of figure. */
function showCharts(curves) {
  const charts = [];
  for (const title of new Set(curves.map((curve) => curve.chart))) {
    const series = curves.filter((curve) => curve.chart === title).map(({ key, name }) => ({
      name, points: metrics.filter((line) => typeof line[key] === "number").map((line) => [line.step, line[key]]),
    }));
    if (series.some((one) => one.points.length > 1)) charts.push(drawChart(title, series));
  }
  find("#charts").replaceChildren(...charts);
}

find("#stop").addEventListener("click", () => press(`${api}/stop`, {}));
find("#resume").addEventListener("click", (event) => {
  event.target.hidden = true; // a process takes seconds to begin
  find("#state").textContent = "starting …";
  startsUntil = Date.now() + 15000;
  press("/api/runs", { task, name, resume: true });
});

async function press(path, body) {
  try {
    await ask(path, body);
    say("");
  } catch (error) {
    startsUntil = 0;
    say(error.message);
  }
}

// ── playgrounds ────────────────────────────────────────────────────────────────
/** Ask for a prediction; of several asked at once only the last is shown. */
let asked = 0;
async function predict(body, showAnswer) {
  const mine = ++asked;
  try {
    const facts = await askJson(`${api}/play`, body);
    if (mine === asked) showAnswer(facts);
  } catch (error) {
    if (mine === asked) find("#verdict").textContent = error.message;
  }
}

function playDrawing() {
  const board = find("#board"), brush = board.getContext("2d", { willReadFrequently: true });
  let drawing = false, from = null, due = null;
  const clear = () => {
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, board.width, board.height);
    find("#verdict").textContent = "Draw something that this run has learned, large and in the middle.";
    find("#bars").replaceChildren();
    clearTimeout(due); // what was drawn is gone
    due = null;
    asked++;
  };
  const at = (event) => {
    const box = board.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * board.width, ((event.clientY - box.top) / box.height) * board.height];
  };
  const stroke = (event) => {
    const to = at(event);
    Object.assign(brush, { lineWidth: 24, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    brush.beginPath();
    brush.moveTo(...(from ?? to));
    brush.lineTo(...to);
    brush.stroke();
    from = to;
    due ??= setTimeout(() => {
      due = null;
      predict({ picture: board.toDataURL("image/png") }, showBars);
    }, 120);
  };
  board.addEventListener("pointerdown", (event) => {
    drawing = true;
    from = null;
    board.setPointerCapture(event.pointerId);
    stroke(event);
  });
  board.addEventListener("pointermove", (event) => drawing && stroke(event));
  board.addEventListener("pointerup", () => (drawing = false));
  board.addEventListener("pointercancel", () => (drawing = false));
  const sample = () => {
    clear();
    predict({ sample: Math.floor(Math.random() * 1797) }, (facts) => {
      showBars(facts);
      find("#verdict").textContent += ` It is ${facts.predictions[0].truth}.`;
    });
  };
  board.addEventListener("keydown", (event) => event.key === "s" && sample());
  find("#clear").addEventListener("click", clear);
  find("#sample").addEventListener("click", sample);
  clear();
}

function showBars({ predictions: [found] }) {
  find("#verdict").textContent =
    found.prediction === null ? "No ink is seen." : `It reads ${found.prediction}, ${(100 * found.probability).toFixed(0)} % sure.`;
  drawBars(found);
}

function showClasses(target, found) {
  find("#verdict").textContent = `${target}: ${found.prediction}, ${(100 * found.probability).toFixed(0)} % sure`;
  drawBars(found);
}

/** Draw the probability of every class. */
function drawBars(found) {
  const rows = Object.entries(found.probabilities).map(([label, share]) => {
    const bar = make("i");
    bar.style.width = `${100 * share}%`;
    const row = make("div", { className: label === found.prediction ? "best" : "" }, make("span", { textContent: label }), make("span", {}, bar));
    row.append(make("span", { textContent: `${(100 * share).toFixed(1)} %` }));
    return row;
  });
  find("#bars").replaceChildren(...rows);
}

function playSentence() {
  const field = find("#text");
  const go = () => predict({ text: field.value }, ({ predictions: [found] }) => {
    const known = found.words.some((word) => word.known);
    find("#verdict").textContent = known ? `${(100 * found.probability).toFixed(0)} % ${found.prediction ?? "positive"}` : found.words.length ? "It knows none of these words." : "Type a sentence.";
    if (found.probabilities) drawBars(found);
    const most = Math.max(1, ...found.words.map((word) => Math.abs(word.share)));
    find("#words").replaceChildren(...found.words.map((word) => {
      const node = make("span", { textContent: word.word, title: `share ${round(word.share)}`, className: word.known ? "" : "unknown" });
      const strength = Math.round((50 * Math.abs(word.share)) / most);
      if (word.known && Math.abs(word.share) >= 0.05) node.append(make("small", { textContent: `${word.share > 0 ? "+" : "−"}${Math.abs(word.share).toFixed(1)}` }));
      node.style.background = `color-mix(in srgb, var(${word.share > 0 ? "--good" : "--bad"}) ${strength}%, transparent)`;
      return node;
    }));
  });
  field.addEventListener("input", go);
  go();
}

function playWriting() {
  const form = find("#talk"), written = find("#written"), button = find("#go");
  let stop = null;
  for (const slider of form.querySelectorAll("input[type=range]")) {
    slider.addEventListener("input", () => {
      slider.parentElement.querySelector("output").textContent = slider.name === "top_k" && slider.value === "0" ? "off" : slider.value;
    });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (stop) return stop.abort();
    stop = new AbortController();
    button.textContent = "Stop";
    const prompt = find("#prompt").value, number = (key) => Number(form.elements[key].value);
    const body = { prompt, temperature: number("temperature"), tokens: number("tokens"), top_k: number("top_k") || null, seed: Math.floor(Math.random() * 2 ** 31) };
    if (number("top_p") < 1) body.top_p = number("top_p");
    written.replaceChildren(make("b", { textContent: prompt }));
    try {
      const answer = await fetch(`${api}/talk`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: stop.signal });
      if (!answer.ok) throw new Error((await answer.json()).error);
      for (const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        written.append(value);
      }
    } catch (error) {
      if (error.name !== "AbortError") written.append(`\n${error.message}`);
    }
    stop = null;
    button.textContent = "Write";
  });
}

function playChat() {
  const form = find("#talk"), log = find("#conversation"), field = find("#prompt"), button = find("#go");
  let stop = null, messages = [];
  const slider = form.elements.temperature;
  slider.addEventListener("input", () => { slider.parentElement.querySelector("output").textContent = slider.value; });
  find("#again").addEventListener("click", () => {
    stop?.abort();
    messages = [];
    log.replaceChildren();
    field.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (stop) return stop.abort();
    const mine = stop = new AbortController();
    const prompt = field.value, before = messages;
    button.textContent = "Stop";
    field.value = "";
    field.required = false;
    const answer = make("p", {});
    log.append(make("p", { className: "soft", textContent: `You: ${prompt}` }), answer);
    let said = "";
    try {
      const body = { prompt, messages: before, temperature: Number(slider.value), tokens: 300, seed: Math.floor(Math.random() * 2 ** 31) };
      const reply = await fetch(`${api}/talk`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: mine.signal });
      if (!reply.ok) throw new Error((await reply.json()).error);
      for (const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        said += value;
        answer.textContent = said;
        log.scrollTop = log.scrollHeight;
      }
      if (!said) answer.textContent = "…";
    } catch (error) {
      if (error.name !== "AbortError") answer.textContent = error.message;
    }
    // What was begun again, or refused, is no part of the conversation.
    if (messages === before && (said || answer.textContent === "…")) {
      messages = [...before, { role: "user", content: prompt }, { role: "assistant", content: said }];
    }
    if (stop === mine) stop = null;
    field.required = true;
    button.textContent = "Send";
  });
}

function playRow() {
  find("#row").addEventListener("submit", (event) => {
    event.preventDefault();
    const row = Object.fromEntries(new FormData(event.target));
    predict({ row }, (facts) => {
      const target = facts.target.replaceAll("_", " "), found = facts.predictions[0];
      if (found.probabilities) return showClasses(target, found);
      const error = Number(event.target.dataset.error), unit = facts.unit ? ` ${facts.unit}` : "";
      find("#verdict").textContent = `${target}: ${found.prediction.toFixed(1)}${unit}${error ? ` ± ${round(Number(error.toPrecision(2)))}${unit}` : ""}`;
    });
  });
  find("#row").addEventListener("input", () => {
    find("#verdict").textContent = "";
    find("#bars").replaceChildren();
  });
  if (find("#row").checkValidity()) find("#row").requestSubmit();
}

function playSum() {
  const field = find("#question");
  const go = () => predict({ text: field.value }, ({ predictions: [found] }) => {
    const verdict = found.right ? "right" : `wrong: it is ${found.truth}`;
    const seen = { true: " (it was in training)", false: " (never seen in training)", null: "" }[found.seen_in_training];
    const asked = found.question + (found.working ? `: ${found.working}` : "");
    find("#verdict").textContent = `${asked} = ${found.answer}, ${verdict}${seen}`;
    drawBars({ prediction: found.answer, probabilities: { [found.answer]: found.probability } });
  });
  field.addEventListener("input", go);
  go();
}

({ drawing: playDrawing, sentence: playSentence, writing: playWriting, row: playRow, sum: playSum, chat: playChat })[form]();
refresh();
