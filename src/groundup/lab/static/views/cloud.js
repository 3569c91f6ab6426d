// Many small points of a plot on a canvas behind it: some hundred circles of an SVG are too slow to follow a hand.
import { element } from "/static/views/elements.js";

const TIME = 110; // milliseconds of a motion
const RADIUS = 2.6;

// A place for a plot, and a canvas behind it that is as large: returns { root, show(points, calm) }. `show` takes points
// { x, y, colour } in pixels of the plot; without `calm` they move there.
export function makeCloud(parent) {
  const root = element("div", "cloud");
  const canvas = element("canvas");
  canvas.setAttribute("aria-hidden", "true"); // the plot's label and the view's sentence tell what it shows
  root.append(canvas);
  parent.append(root);
  const pen = canvas.getContext("2d");
  let shown = [];
  let moving = 0;

  function paint(points) {
    const [width, height] = [root.clientWidth, root.clientHeight];
    const sharp = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    for (const { x, y, colour } of points) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.arc(x, y, RADIUS, 0, 7);
      pen.fill();
    }
    shown = points;
  }

  function show(points, calm) {
    cancelAnimationFrame(moving);
    if (calm || shown.length !== points.length) { paint(points); return; }
    const from = shown;
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / TIME);
      const between = (a, b) => a + (b - a) * share;
      paint(points.map((point, place) => ({ ...point, x: between(from[place].x, point.x), y: between(from[place].y, point.y) })));
      if (share < 1) moving = requestAnimationFrame(step);
    };
    step();
  }

  return { root, show };
}
