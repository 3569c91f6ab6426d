let found = null;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { found = null; });

// The colours of pictures: read from the page's style, so that light and dark pages have their own. To read makes the browser
// style the page: it is done again only when these change.
export function readColours() { return (found ??= read()); }

function read() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "soft", "page", "card", "line", "first", "second", "third", "good", "bad", "mark"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const known = new Map();

// Red, green and blue of a colour of the page's style; a picture asks for the same few again and again.
function parts(colour) {
  if (!known.has(colour)) {
    const found = /^#(..)(..)(..)$/.exec(colour) ?? /^#(.)(.)(.)$/.exec(colour);
    known.set(colour, found.slice(1).map((part) => parseInt(part.length === 1 ? part + part : part, 16)));
  }
  return known.get(colour);
}

// A colour between two, `share` from 0 to 1.
export function mix(from, to, share) {
  const [a, b] = [parts(from), parts(to)];
  const at = (place) => Math.round(a[place] + (b[place] - a[place]) * share);
  return `rgb(${at(0)},${at(1)},${at(2)})`;
}

// Blue for positive numbers, orange for negative ones, the page's own colour for 0.
export function signed(value, most, colours) {
  const share = Math.min(1, Math.abs(value) / (most || 1));
  return mix(colours.page, value >= 0 ? colours.first : colours.second, share ** 0.8);
}
