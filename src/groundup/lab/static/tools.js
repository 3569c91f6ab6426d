// What several pages need: asking the lab, times in words, and line charts.

export async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The lab does not answer: is it still running in its terminal?");
  }
  if (!answer.ok) throw Object.assign(new Error(await explain(answer)), { status: answer.status });
  return answer;
}

async function explain(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error;
  } catch {
    return text || `The lab answered ${answer.status}.`;
  }
}

export const askJson = async (path, body) => (await ask(path, body)).json();

export const say = (text) => {
  document.querySelector("#said").textContent = text;
};

export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

export function round(x) {
  if (typeof x !== "number") return "–";
  if (x && Math.abs(x) < 1e-5) return x.toExponential(1);
  if (x && Math.abs(x) < 1e-3) return String(Number(x.toPrecision(2)));
  return Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(4)));
}

export const nameTime = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`);

const WIDTH = 460, HEIGHT = 230, LEFT = 56, BOTTOM = 26, TOP = 10, RIGHT = 26;

/** Return a line chart. series: [{ name, points: [[x, y], …] }]. */
export function drawChart(title, series) {
  const shown = series.filter((one) => one.points.length);
  const all = shown.flatMap((one) => one.points);
  // On a linear axis, a curve that falls a thousandfold would look like a corner.
  const heights = all.map((point) => point[1]), [least, most] = bounds(heights);
  const steep = least > 0 && most > 100 * least;
  const scale = steep ? Math.log10 : (y) => y;
  // If most measurements are at the very beginning, a linear axis would show a corner, too.
  const places = all.map((point) => point[0]).sort((a, b) => a - b);
  const early = places[Math.floor(places.length / 2)] * 20 < places.at(-1);
  const along = early ? (x) => Math.log10(x + 1) : (x) => x;
  const [x0, x1] = span(places.map(along), 0);
  const [y0, y1] = span(heights.map(scale), 0.06);
  const across = (x) => LEFT + ((along(x) - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const up = (y) => HEIGHT - BOTTOM - ((scale(y) - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
  const parts = [];
  for (const y of steep ? decades(y0, y1) : ticks(y0, y1)) {
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(y)}" y2="${up(y)}"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${up(y) + 4}" text-anchor="end">${round(y)}</text>`);
  }
  for (const x of early ? decades(x0, x1) : ticks(x0, x1)) parts.push(`<text x="${across(x)}" y="${HEIGHT - 8}" text-anchor="middle">${round(x)}</text>`);
  shown.forEach((one, place) => {
    const line = one.points.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(" ");
    parts.push(`<polyline class="s${place}" points="${line}"/>`);
    // If there are few points, show each measurement; a single one makes no line.
    if (one.points.length <= 12) parts.push(...one.points.map(([x, y]) => `<circle class="s${place}" cx="${across(x)}" cy="${up(y)}" r="2.6"/>`));
  });
  const figure = make("figure");
  const caption = make("figcaption", {}, make("strong", { textContent: `${title} by step` }));
  shown.forEach((one, place) => caption.append(make("span", { className: `key k${place}`, textContent: one.name })));
  const last = shown.map((one) => `${one.name} ${round(one.points.at(-1)[1])}`).join(", ");
  figure.innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${parts.join("")}</svg>`;
  figure.firstChild.setAttribute("aria-label", `${title} by step; at the end ${last}`);
  figure.prepend(caption);
  return figure;
}

// Math.min(...values) would overflow the stack of a long run.
const bounds = (values) => [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];

function span(values, margin) {
  const [low, high] = bounds(values);
  const room = (high - low) * margin || (high === low ? Math.abs(high) * 0.1 || 1 : 0);
  return [low - room, high + room];
}

function decades(low, high) {
  const found = [], step = Math.ceil((high - low) / 6);
  for (let power = Math.ceil(low); power <= high; power += step) found.push(10 ** power);
  return found;
}

function ticks(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let x = Math.ceil(low / step) * step; x <= high + 1e-9 * step; x += step) found.push(Number(x.toPrecision(10)));
  return found;
}
