// Draws the formulas of a page, or of a part of it that was added later.
import { katex } from "/static/vendor/katex.js";

const MACROS = { "\\R": "\\mathbb{R}" };

export function showFormula(place) {
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
