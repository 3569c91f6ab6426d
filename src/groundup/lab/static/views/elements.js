// Small makers of HTML elements.
export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

// A paragraph, or another element, in which what stands between backticks is code.
export function write(tag, kind, text) {
  const made = element(tag, kind);
  const parts = text.split("`");
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("`"));
  parts.forEach((part, place) => made.append(place % 2 ? element("code", "", part) : part));
  return made;
}

// A line that is too long goes on below, four letters farther in than it began.
export function hang(line) {
  const deeper = line.textContent.search(/\S|$/) + 4;
  line.style.paddingLeft = `${deeper}ch`;
  line.style.textIndent = `${-deeper}ch`;
  return line;
}

export function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// A number that opens: `key` is that of its origin.
export function opening(text, key, tag = "span") {
  const made = element(tag, "", text);
  made.dataset.number = key;
  return made;
}

// A line of words and numbers that open, a number for each `%`: returns what shows them, rows [text, key], without a key where
// it does not open. The elements stay, so that an open number stays open.
export function makeLine(root, words) {
  const line = element("p", "opening-line");
  const numbers = [];
  words.split("%").forEach((part, place) => {
    if (place) numbers.push(line.appendChild(element("strong")));
    line.append(part);
  });
  root.append(line);
  return (rows) => rows.forEach(([text, key], place) => {
    numbers[place].textContent = text;
    if (key) numbers[place].dataset.number = key;
  });
}

// Two places side by side, one for a plot each.
export function makePair(root) {
  const pair = element("div", "pair-of-plots");
  const sides = [element("div"), element("div")];
  pair.append(...sides);
  root.append(pair);
  return sides;
}

// How wide a place is. To ask makes the browser lay the page out: it is asked only where the width may have changed.
export function makeRuler(place) {
  let width = 0;
  new ResizeObserver(() => { width = 0; }).observe(place);
  return () => (width ||= place.clientWidth);
}

let count = 0;

// A number that no other element of the page has, for `id`.
export function nextId(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// 3.04e+9 as a person writes it: 3.04 · 10⁹.
function writePower(number) {
  const [factor, power] = number.split("e");
  const raised = [...String(Number(power))].map((sign) => RAISED[sign]).join("");
  return /^-?1(\.0+)?$/.test(factor) ? `${factor.startsWith("-") ? "-" : ""}10${raised}` : `${factor}\u00a0·\u00a010${raised}`;
}

// A sentence with its numbers as a person reads them: a true minus sign, no minus before 0, 3040 in place of 3.04e+03, a power of ten
// for what is far larger or smaller, 25 % as in the texts.
export function tidy(text) {
  return text
    .replace(/\b\d(\.\d+)?e\+0[1-5]\b/g, (number) => String(Number(number)))
    .replace(/\b\d(\.\d+)?e[-+−]\d+\b/g, (number) => writePower(number.replace("−", "-")))
    .replace(/(?<=\d)%/g, "\u00a0%")
    .replace(/(^|[^\w.)\]])-(?=\.?\d)/g, "$1−")
    .replace(/−(?=0(\.0+)?(?!\.?\d))/g, "");
}

// A share in percent, a small one with a decimal.
export const percent = (share) => (share >= 0.0995 ? wholePercent(share) : `${(100 * share).toFixed(1)}\u00a0%`);

export const wholePercent = (share) => `${Math.round(100 * share)}\u00a0%`;

// A number as a person reads it: four significant digits, a true minus sign.
export function format(number, digits = 4) {
  if (number === null || number === undefined) return "–";
  if (!Number.isFinite(number)) return "∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  const text = size >= 1e6 || size < 1e-4 ? writePower(number.toExponential(2)) : String(Number(number.toPrecision(digits)));
  return text.replace("-", "−");
}

const lengths = new Map();

// How long an SVG text is, in pixels of its picture; to measure it makes the browser lay the page out, so each is measured once.
export function measureText(node, words) {
  if (!words) return 0;
  const key = `${node.getAttribute("class")} ${words}`;
  // A text that is not shown has no length yet.
  if (!lengths.get(key)) lengths.set(key, node.getComputedTextLength());
  return lengths.get(key);
}
