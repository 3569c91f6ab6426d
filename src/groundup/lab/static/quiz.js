// Questions one after another, in the quiz and in reviews: asked, answered with a click or a key, explained.
import { askJson, round } from "/static/tools.js";
import { button, element, hang, write } from "/static/views/elements.js";

const part = (id) => document.getElementById(id);
const place = part("quiz");
const review = place.dataset.review === "yes";
const most = Number(place.dataset.most ?? 0);
const ask = (path, body) => askJson(`/api/practice/${path}`, body);
const KINDS = { code: "of-code", curve: "of-curves", mistake: "" };
let question = null;
let answered = false;
let asking = false;
let total = 0;
let done = 0;

async function next() {
  if (asking) return;
  asking = true;
  answered = false;
  question = null;
  part("note").textContent = "";
  place.replaceChildren(Object.assign(element("p", "waiting", "Making a question …"), { role: "status" }));
  try {
    const found = await ask("ask", review ? { review } : { exercise: part("exercise").value });
    question = found.question;
    if (review) count(found);
    if (question) show(); else showDone(found.next);
  } catch (error) {
    place.replaceChildren();
    part("note").textContent = error.message;
  }
  asking = false;
  document.documentElement.dataset.ready = "yes";
}

function count({ left }) {
  if (done >= total) total += Math.min(most, left);
  part("count").textContent = left ? `${done + 1} of ${total} ${left + done > total ? `now, ${left} due` : "due"} today` : "";
}

function show() {
  const box = element("article", "asked");
  const head = element("p", "kicker", question.title);
  const wanted = element("h2", "wanted", question.wanted);
  wanted.id = "wanted";
  wanted.tabIndex = -1;
  box.append(head);
  if (question.given) box.append(question.curves ? element("p", "about", question.given) : showGiven(question.given));
  const answers = element("div", `answers ${KINDS[question.kind] ?? "values"}`);
  answers.setAttribute("role", "group");
  answers.setAttribute("aria-labelledby", "wanted");
  question.choices.forEach((choice, number) => answers.append(makeChoice(choice, number)));
  box.append(wanted);
  if (question.curves) {
    const keys = element("p", "curve-keys soft");
    keys.append(element("span", "", `${question.curves.figure}, with one mistake`), element("span", "key-right", "the right program"));
    box.append(keys);
  }
  box.append(answers, Object.assign(element("div", "explained"), { id: "explained" }));
  part("quiz").replaceChildren(box);
  part("explained").setAttribute("role", "status");
}

function makeChoice(choice, number) {
  const made = button("", () => answer(number));
  made.dataset.choice = number;
  made.append(element("kbd", "", String(number + 1)));
  const text = element(question.is_code ? "div" : "span", "choice");
  if (question.curves) {
    text.innerHTML = drawCurve(question.curves, number);
  } else if (question.is_code) {
    text.append(showCode(choice));
  } else {
    text.textContent = choice;
  }
  made.append(text);
  return made;
}

// Values and numbers, line by line.
function showGiven(text) {
  const given = Object.assign(element("pre", "given"), { tabIndex: 0 });
  given.append(...text.split("\n").map((line) => hang(element("span", "code-line", line || " "))));
  return given;
}

// Lines of code as the lab has rendered them. A button cannot be scrolled with keys, so a long line goes on below.
function showCode(lines) {
  const code = element("pre", "code");
  for (const html of lines) {
    const line = element("span", "code-line");
    line.innerHTML = html || " "; // rendered by the lab from its own files
    code.append(hang(line));
  }
  return code;
}

// A curve in its frame, beside the right program's; numbers alone go into the picture.
function drawCurve({ low, high, right, choices }, number) {
  const [width, height, left, bottom] = [320, 190, 40, 22];
  const most = right.length - 1;
  const across = (step) => left + (step / most) * (width - left - 8);
  const up = (value) => 10 + (1 - (value - low) / (high - low)) * (height - bottom - 10);
  const line = (values) => values.map((value, step) => `${across(step).toFixed(1)},${up(value).toFixed(1)}`).join(" ");
  const curve = choices[number];
  const last = curve.at(-1);
  const ends = curve.length < right.length ? `it breaks off after step ${curve.length - 1}` : last >= high ? "it leaves the picture at its top" : `at the end ${round(last)}`;
  const middle = curve[Math.min(curve.length - 1, Math.round(most / 2))];
  const told = `Curve ${number + 1}: at first ${round(curve[0])}, halfway ${middle >= high ? "beyond the picture" : round(middle)}, ${ends}. The right program ends at ${round(right.at(-1))}.`;
  const frame = [low, (low + high) / 2, high].map((value) =>
    `<line class="rule" x1="${left}" x2="${width - 8}" y1="${up(value)}" y2="${up(value)}"/><text x="${left - 5}" y="${up(value) + 4}" text-anchor="end">${round(Number(value.toPrecision(2)))}</text>`);
  const steps = [0, most / 2, most].map((step) => `<text x="${across(step)}" y="${height - 6}" text-anchor="middle">${Math.round(step)}</text>`);
  return `<svg class="curve-picture" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}">${frame.join("")}${steps.join("")}`
    + `<polyline class="of-right" points="${line(right)}"/><polyline class="of-mistake" points="${line(curve)}"/></svg>`;
}

async function answer(choice) {
  if (answered || !question) return;
  answered = true;
  const buttons = [...document.querySelectorAll(".answers button")];
  buttons[choice].classList.add("chosen");
  buttons[choice].setAttribute("aria-busy", "true");
  const { exercise, seed } = question;
  try {
    const told = await ask("answer", { exercise, seed, review, choice });
    for (const one of buttons) one.disabled = true;
    buttons[told.right].classList.add("right");
    if (!told.correct) buttons[choice].classList.add("wrong");
    done += 1;
    explain(told);
  } catch (error) {
    answered = false;
    part("note").textContent = error.message;
  }
  buttons[choice].removeAttribute("aria-busy");
}

function explain(told) {
  const box = part("explained");
  const said = told.correct ? "Right." : `No: ${told.right + 1} is right.`;
  const due = told.due ? element("p", "soft", `It comes back ${told.due}.`) : "";
  const onward = button(review ? "Go on" : "Next question", next);
  onward.id = "next";
  onward.className = "main-button";
  const again = element("a", "", "Look at the exercise");
  again.href = `/exercises/${question.exercise}/?from=${review ? "review" : "quiz"}`;
  const bar = element("p", "onward-line");
  bar.append(onward, again);
  box.replaceChildren(element("p", told.correct ? "said good" : "said bad", said), write("p", "why-text", told.explanation), due, bar);
  onward.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

function showDone(when) {
  const box = element("article", "asked nothing");
  box.append(element("h2", "", done ? "Done for today." : "Nothing is due today."));
  box.append(element("p", "", when
    ? `The next review: ${when}.`
    : "An exercise comes here when it is solved, or when you missed a question on it."));
  const bar = element("p", "onward-line");
  for (const [text, href] of [["Answer a question", "/practice/quiz/"], ["Find a bug", "/practice/bug/"], ["My progress", "/progress/"]]) {
    const link = element("a", "", text);
    link.href = href;
    bar.append(link);
  }
  box.append(bar);
  place.replaceChildren(box);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("select, input, textarea")) return;
  if (question && !answered && ["1", "2", "3"].includes(event.key)) {
    event.preventDefault();
    answer(Number(event.key) - 1);
  } else if (answered && event.key.toLowerCase() === "n") {
    part("next")?.click();
  }
});
part("exercise")?.addEventListener("change", next);
part("choose")?.addEventListener("submit", (event) => event.preventDefault());
next();
