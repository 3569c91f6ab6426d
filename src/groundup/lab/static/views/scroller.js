// What is wider than the page scrolls in a frame of its own: the keys reach it, its edge fades, and a line says so.
import { element } from "/static/views/elements.js";

// Watches an element that may be wider than its place.
export function watchWidth(place) {
  const hint = element("p", "swipe", "Swipe, or use the arrow keys: there is more →");
  hint.hidden = true;
  place.classList.add("wide");
  place.after(hint);

  function look() {
    const rest = place.scrollWidth - place.clientWidth;
    const scrolls = rest > 2;
    place.classList.toggle("more", rest - place.scrollLeft > 2);
    hint.hidden = !scrolls;
    if (scrolls) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  }

  place.addEventListener("scroll", look, { passive: true });
  const sizes = new ResizeObserver(look); // looks at first when the page is laid out anyway
  sizes.observe(place);
  for (const child of place.children) sizes.observe(child);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof Element) sizes.observe(node);
  }).observe(place, { childList: true });
}

// Returns a place inside of `root` for a picture that may be wider than the page.
export function makeScroller(root) {
  const place = element("div");
  place.style.overflowX = "auto";
  root.append(place);
  watchWidth(place);
  return place;
}
