// Draws the formulas of a page, or of a part of it that was added later.
import { katex } from "/static/vendor/katex.js";

const MACROS = { "\\R": "\\mathbb{R}" };

function showFormula(place) {
  // A heading that is a formula alone has no text for readers of the screen: KaTeX hides what it draws.
  const head = place.closest("th");
  if (head && !head.querySelector(".heard")) head.append(Object.assign(document.createElement("span"), { className: "heard", textContent: head.textContent }));
  katex.render(place.dataset.marked ?? place.textContent, place, {
    displayMode: place.classList.contains("display"), throwOnError: false, macros: MACROS,
    // Of what KaTeX offers beyond mathematics, only the marks of symbols.
    trust: ({ command }) => command === "\\htmlData", strict: (code) => (code === "htmlExtension" ? "ignore" : "warn"),
  });
}

export function showFormulas(root) { root.querySelectorAll(".tex").forEach(showFormula); }

const AT_ONCE = 12; // milliseconds, where the browser cannot say how long it rests
const rest = window.requestIdleCallback ?? ((draw) => setTimeout(draw));

// Draws formulas that nobody sees yet: in their order, while the browser rests, and all of them where the page is printed.
export async function showFormulasLater(places) {
  const waiting = [...places];
  const printAll = () => waiting.splice(0).forEach(showFormula);
  addEventListener("beforeprint", printAll);
  while (waiting.length) {
    const deadline = await new Promise((done) => rest(done, { timeout: 200 }));
    const end = performance.now() + Math.max(AT_ONCE, deadline?.timeRemaining() ?? 0);
    while (waiting.length && performance.now() < end) showFormula(waiting.shift());
  }
  removeEventListener("beforeprint", printAll);
}
