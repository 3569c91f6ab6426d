// Brings a lesson's page to life: draws formulas, builds views, and lets questions and buttons set them.
import { katex } from "/static/vendor/katex.js";
import { View } from "/static/views/view.js";

const MACROS = { "\\R": "\\mathbb{R}" };

const holder = document.getElementById("lesson-data");
const lesson = holder.dataset.lesson;
const specs = JSON.parse(holder.textContent);
const views = new Map();

function showFormulas(root) {
  for (const place of root.querySelectorAll(".tex")) {
    // A heading that is a formula alone has no text for readers of the screen: KaTeX hides what it draws.
    const head = place.closest("th");
    if (head && !head.querySelector(".heard")) head.append(Object.assign(document.createElement("span"), { className: "heard", textContent: head.textContent }));
    katex.render(place.textContent, place, {
      displayMode: place.classList.contains("display"), throwOnError: false, macros: MACROS,
    });
  }
}

function setTarget(element, play) {
  const view = views.get(element.dataset.target);
  if (!view) return;
  view.set(JSON.parse(element.dataset.set), { ease: true });
  if (play) view.play(true);
  const box = view.root.getBoundingClientRect();
  if (box.top < 40 || box.bottom > innerHeight) view.root.scrollIntoView({ block: "center", behavior: "smooth" });
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
  setTarget(question, true);
}

showFormulas(document);
const { drawings } = await import(`/lessons/${lesson}/views.js`);
for (const figure of document.querySelectorAll("figure.view")) {
  const name = figure.dataset.view;
  if (specs[name] && drawings[name]) views.set(name, new View(figure, { lesson, name, ...specs[name] }, drawings[name]));
}
for (const question of document.querySelectorAll(".question")) {
  for (const button of question.querySelectorAll(".answers button")) {
    button.addEventListener("click", () => answer(question, button));
  }
}
for (const button of document.querySelectorAll("button.try")) {
  button.addEventListener("click", () => setTarget(button, true));
}
addEventListener("pagehide", () => { for (const view of views.values()) view.leave(); });
document.documentElement.dataset.ready = "yes";
