// Marks a symbol of a formula and the names that hold it in the code below, whichever of them is pointed at.
const SYMBOL = "[data-symbol]";

export function tieSymbols(formula) {
  let pinned = null;
  const find = (event) => event.target.closest(SYMBOL)?.dataset.symbol ?? null;

  function mark(number) {
    for (const one of formula.querySelectorAll(SYMBOL)) one.classList.toggle("lit", one.dataset.symbol === number);
    const names = [...formula.querySelectorAll(".lines .lit")];
    if (names.length) bringIntoView(formula.querySelector(".lines pre"), names);
  }

  formula.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") mark(find(event) ?? pinned);
  });
  formula.addEventListener("pointerleave", () => mark(pinned));
  formula.addEventListener("focusin", (event) => mark(find(event) ?? pinned));
  formula.addEventListener("focusout", () => mark(pinned));
  formula.addEventListener("click", (event) => {
    const number = find(event);
    if (number === null && pinned === null) return;
    pinned = number === pinned ? null : number;
    for (const button of formula.querySelectorAll(".pairs button")) button.setAttribute("aria-pressed", button.dataset.symbol === pinned);
    mark(pinned);
  });
}

// Where a line is longer than the page, a name may be out of sight.
function bringIntoView(code, names) {
  const seen = code.getBoundingClientRect();
  const places = names.map((name) => name.getBoundingClientRect());
  if (places.some((place) => place.left >= seen.left && place.right <= seen.right)) return;
  code.scrollLeft += places[0].left - seen.left - 24;
}
