// Small pictures made of pixels: one canvas each, painted from rows of numbers.
import { element } from "/static/views/elements.js";
import { mix, readColours } from "/static/views/colours.js";

function toParts(colour) {
  const found = /rgba?\((\d+), ?(\d+), ?(\d+)/.exec(colour);
  return found ? found.slice(1).map(Number) : toParts(mix(colour, colour, 0));
}

// A canvas; `paint(rows, colourOf)` asks for the colour of each number: colourOf(value, row, column).
export function makePixels(root, label, kind = "") {
  const canvas = element("canvas", `pixels ${kind}`);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  root.append(canvas);
  const brush = canvas.getContext("2d");
  function paint(rows, colourOf) {
    const [height, width] = [rows.length, rows[0].length];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const image = brush.createImageData(width, height);
    const known = new Map();
    rows.forEach((row, r) => row.forEach((value, c) => {
      const colour = colourOf(value, r, c);
      if (!known.has(colour)) known.set(colour, toParts(colour));
      image.data.set([...known.get(colour), 255], 4 * (r * width + c));
    }));
    brush.putImageData(image, 0, 0);
  }
  return { canvas, paint };
}

// A canvas for many coloured squares that lies under what `root` holds besides: a thousand elements would be drawn too slowly.
// `paint(size, squares)` asks for the side of the picture and for squares { x, y, side, fill }, all in pixels of the page.
export function makeSquares(root) {
  const canvas = element("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.cssText = "position:absolute;left:0;top:0;pointer-events:none;background:none;border:0;border-radius:0";
  root.style.position = "relative";
  root.append(canvas);
  const brush = canvas.getContext("2d");
  function paint(size, squares) {
    const scale = devicePixelRatio;
    const side = Math.ceil(size * scale);
    if (canvas.width !== side) {
      Object.assign(canvas, { width: side, height: side });
      canvas.style.width = canvas.style.height = `${side / scale}px`;
    }
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, size, size);
    for (const { x, y, side: edge, fill } of squares) {
      brush.fillStyle = fill;
      brush.fillRect(x, y, edge, edge);
    }
  }
  return { paint };
}

// How ink looks on paper: 0 is the page, 1 is full ink.
export function inkColour() {
  const colours = readColours();
  return (level) => mix(colours.card, colours.ink, Math.round(level * 32) / 32);
}

// What a number says: blue for above 0, orange for below, the page's own colour for 0.
export function signedColour(most) {
  const colours = readColours();
  return (value) => mix(colours.card, value >= 0 ? colours.first : colours.second, Math.round(Math.min(1, Math.abs(value) / (most || 1)) ** 0.7 * 48) / 48);
}
