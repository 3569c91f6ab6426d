"""What the tests of the lab's pages share: which browser is started, when a page is ready, what keeps people out."""

import shutil
from importlib.resources import files

# Debian's Chromium without a window opens a page in half the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Empties the typeset formulas that look like one before them: the same colours and sizes in the same kind of place.
# Most elements of a lesson are in formulas, and axe-core looks at every one. Each keeps its size, so nothing moves.
EMPTY_FORMULAS = """() => {
  const seen = new Set();
  const describe = (part) => {
    const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight } = getComputedStyle(part);
    return [color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight].join();
  };
  const isLikeAnother = (formula) => {
    const look = [formula.checkVisibility({ visibilityProperty: true })];
    look.push(...new Set([...formula.querySelectorAll("*")].map(describe)));
    for (let place = formula.parentElement; place; place = place.parentElement) {
      look.push(place.tagName, place.className, place.getAttributeNames(), describe(place));
    }
    const name = look.join();
    return seen.has(name) || !seen.add(name);
  };
  const alike = [...document.querySelectorAll(".katex-html")].filter(isLikeAnother);
  const sizes = alike.map((formula) => formula.getBoundingClientRect());
  window.axe.emptied = alike.map((formula) => [formula, [...formula.childNodes]]);
  alike.forEach((formula, i) => {
    formula.replaceChildren();
    const { width, height } = sizes[i];
    Object.assign(formula.style, { display: "inline-block", width: `${width}px`, height: `${height}px` });
  });
}"""
FILL_FORMULAS = """() => window.axe.emptied.forEach(([formula, parts]) => {
  formula.replaceChildren(...parts);
  formula.removeAttribute("style");
})"""
# Takes out the shapes that a plot cuts off at its edge. Uncut, they would lie on half of the page: axe-core knows no
# cut, and says of the text there that something covers it, whatever its colour is.
TAKE_SHAPES = """() => {
  const lies = (shape) => {
    const [own, box] = [shape, shape.ownerSVGElement].map((one) => one.getBoundingClientRect());
    return own.left < box.left || own.right > box.right || own.top < box.top || own.bottom > box.bottom;
  };
  window.axe.taken = [...document.querySelectorAll("svg [clip-path] :not(g, text, tspan)")].filter(lies);
  for (const shape of window.axe.taken) shape.style.display = "none";
}"""
PUT_SHAPES = "() => window.axe.taken.forEach((shape) => shape.style.removeProperty('display'))"
# What moves between two colours arrives first.
ARRIVE = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  for (const one of document.getAnimations()) {
    if (one.effect.getComputedTiming().endTime < Infinity) one.finish();
  }
  done();
})))"""


def find_browser():
    """Return the path of an installed Chromium, the cheapest first; None where there is only Playwright's own."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def wait_until_ready(page):
    """Wait until the page of a lesson, an exercise or practice answers the hand, and all formulas are drawn."""
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_selector("html[data-drawn], html:not(:has(.lesson-page))", state="attached")


def find_barriers(page):
    """Return what axe-core finds on a page that keeps people out; the contrast is looked at in the dark, too."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    page.evaluate(EMPTY_FORMULAS)
    page.evaluate(TAKE_SHAPES)
    found = run_axe(page, "")
    page.emulate_media(color_scheme="dark")
    page.evaluate(ARRIVE)
    page.evaluate(TAKE_SHAPES)  # a page that has turned dark has drawn its pictures once more
    found += run_axe(page, ", runOnly: ['color-contrast']")  # only colours differ
    page.emulate_media(color_scheme="light")
    page.evaluate(PUT_SHAPES)
    page.evaluate(FILL_FORMULAS)
    return found


def run_axe(page, rules):
    # Violations only, in short: what is right of a page with a large picture is megabytes.
    told = "({violations}) => violations.map(({id, nodes}) => `${id} of ${nodes[0].html.slice(0, 120)}`)"
    return page.evaluate(f"axe.run({{resultTypes: ['violations']{rules}}}).then({told})")
