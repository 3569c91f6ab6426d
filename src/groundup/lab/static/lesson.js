// Brings a lesson's page to life: draws formulas, builds views, and lets questions and buttons set them.
import { showFormula, showFormulas } from "/static/formulas.js";
import { doLater } from "/static/later.js";
import { tieSymbols } from "/static/symbols.js";
import { element } from "/static/views/elements.js";
import { watchWidth } from "/static/views/scroller.js";
import { View } from "/static/views/view.js";

const holder = document.getElementById("lesson-data");
const lesson = holder.dataset.lesson;
const specs = JSON.parse(holder.textContent);
const views = new Map();
const kept = new Map(); // by view: the button that was pressed while the picture was covered
const LOOK = 2500; // milliseconds: how long the answer to a question stays before such a button follows

function setTarget(asker, play) {
  const view = findView(asker.dataset.target);
  if (!view) return;
  if (view.figure.inert) { keep(view, asker); return; }
  kept.delete(view);
  const changes = JSON.parse(asker.dataset.set);
  view.set(changes, { ease: true });
  if (view.drawing.isDone?.(changes)) view.pause();
  else if (play) view.play(true);
  const box = view.root.getBoundingClientRect();
  if (box.top < 40 || box.bottom > innerHeight) view.root.scrollIntoView({ block: "center" });
}

// A button whose picture is still covered: what it sets follows the answer.
function keep(view, pressed) {
  kept.set(view, pressed);
  const question = view.figure.previousElementSibling;
  let told = question.querySelector(".kept");
  if (!told) {
    told = element("p", "kept");
    told.setAttribute("role", "status");
    question.querySelector(".answers").before(told);
  }
  told.textContent = `Answer this first. Then you see “${pressed.textContent}”.`;
  question.scrollIntoView({ block: "center" });
}

// The picture shows the answer first. If a hand moves something in it, or presses another button, this one is forgotten.
async function followUp(view, pressed) {
  kept.set(view, pressed);
  for (const move of ["pointerdown", "keydown"]) view.figure.addEventListener(move, () => kept.delete(view), { once: true });
  do await new Promise((done) => setTimeout(done, LOOK)); while (view.playing);
  if (kept.get(view) === pressed) setTarget(pressed, true);
}

// A view right below its question would answer it: it is covered until then.
function cover(question, covered) {
  const view = question.nextElementSibling;
  if (!view?.matches("figure.view") || view.dataset.view !== question.dataset.target) return;
  view.classList.toggle("covered", covered);
  view.inert = covered;
}

function answer(question, button) {
  if (question.dataset.answered) return;
  question.dataset.answered = "yes";
  const right = button.dataset.right === "true";
  for (const one of question.querySelectorAll(".answers button")) {
    one.disabled = true;
    if (one.dataset.right === "true") one.classList.add("right");
  }
  button.classList.add(right ? "right" : "wrong", "chosen");
  question.querySelector(".judged").textContent = right ? "Yes. Watch it happen:" : "Not quite. Watch what happens:";
  question.querySelector(".why").hidden = false;
  question.querySelector(".kept")?.remove();
  cover(question, false);
  const view = findView(question.dataset.target);
  const pressed = kept.get(view);
  setTarget(question, true);
  if (pressed) followUp(view, pressed);
}

// What stands below the first screen is drawn when the page is ready, unless the page opens there.
const figures = [...document.querySelectorAll("figure.view")];
const first = figures.find((figure) => figure.closest(".stage"));
const parts = [...document.querySelectorAll("figure.view, .prose .tex")].filter((part) => part !== first);
const later = location.hash ? [] : parts;
for (const part of later.length ? document.querySelectorAll(".opening, .stage") : [document]) showFormulas(part);
document.querySelectorAll(".formula").forEach(tieSymbols);
const { drawings } = await import(`/lessons/${lesson}/views.js`);

// A view is built when its turn comes, or as soon as a button asks for it.
function findView(name) {
  const figure = figures.find((one) => one.dataset.view === name);
  if (!views.has(name) && figure && specs[name] && drawings[name]) {
    views.set(name, new View(figure, { lesson, name, ...specs[name] }, drawings[name]));
  }
  return views.get(name);
}

for (const figure of later.length ? [first] : figures) if (figure) findView(figure.dataset.view);
for (const question of document.querySelectorAll(".question")) {
  cover(question, true);
  for (const button of question.querySelectorAll(".answers button")) {
    button.addEventListener("click", () => answer(question, button));
  }
}
for (const button of document.querySelectorAll("button.try")) {
  button.addEventListener("click", () => setTarget(button, true));
}
for (const place of document.querySelectorAll(".prose .scroll, .tex.display, .formula pre, .step pre, .prose > pre")) if (!place.classList.contains("wide")) watchWidth(place);
addEventListener("pagehide", () => { for (const view of views.values()) view.leave(); });
document.documentElement.dataset.ready = "yes";
// The first pictures that the page came without: one after another, the main view's first, so that none holds up the hand.
const begun = views.values().next().value?.begin();
await doLater(later.map((part) => () => (part.matches("figure.view") ? findView(part.dataset.view) : showFormula(part))));
document.documentElement.dataset.drawn = "yes";
await begun;
for (const view of views.values()) await view.begin();
