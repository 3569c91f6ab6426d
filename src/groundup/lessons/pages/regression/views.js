// Draws a line through people with the bowl of its error, two errors of one guess, and a table times weights.
import { format, measureText } from "/static/views/elements.js";
import { divide, showContours } from "/static/views/landscape.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const SQUARE = { top: 16, right: 12, bottom: 38, left: 42 };
const [LOW, HIGH] = [156, 192];
const ENDS = [160, 188];
const LARGEST = 11; // cm, the side of the mean square

// Heights in the same scale on both axes, so that a square is a square.
function drawLine(api) {
  const [left, right] = divide(api.root, [{ share: 4, least: 250, most: 430 }, { share: 3, least: 220, most: 340 }]);
  const plot = makePlot(left, { x: [LOW, HIGH], y: [LOW - 1, HIGH - 1], label: "People, and a line through them", xLabel: "parents' mean height, cm", yLabel: "child's height, cm", ratio: 1, tallest: 430, margin: SQUARE, ticks: [6, 6] });
  const squares = plot.inside.append("g");
  const dots = plot.inside.append("g");
  const first = plot.inside.append("line").attr("class", "limit");
  const line = plot.inside.append("line").attr("stroke", "var(--second)").attr("stroke-width", 3);
  const zero = plot.inside.append("line").attr("class", "limit");
  const zeroName = plot.above.append("text").attr("class", "told small").text("x = 0");
  const base = plot.inside.append("circle").attr("r", 4).attr("fill", "var(--ink)");
  const baseName = plot.above.append("text").attr("class", "told small");
  const mean = plot.inside.append("rect").attr("fill", "var(--second)").attr("fill-opacity", 0.25).attr("stroke", "var(--second)").attr("stroke-width", 2);
  const meanName = plot.above.append("text").attr("class", "told small").attr("text-anchor", "end");
  const bowl = makePlot(right, { x: [-1.5, 2.8], y: [154, 192], label: "The error of every line, from above", xLabel: "weight w per cm", yLabel: "bias b", ratio: 1, tallest: 340, margin: SQUARE, ticks: [4, 5] });
  const contours = bowl.inside.append("g");
  const trail = bowl.inside.append("path").attr("class", "trail").style("stroke-dasharray", "none").style("stroke-width", 1.6);
  const was = bowl.inside.append("g");
  const best = bowl.inside.append("circle").attr("r", 5).attr("fill", "none").attr("stroke", "var(--good)").attr("stroke-width", 2.5);
  const bestName = bowl.above.append("text").attr("class", "told small");
  let shown = null;
  const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));
  const setLine = (w, b) => {
    api.pause();
    api.set({ w: clamp(w, [-1.5, 2.8]), b: clamp(b, [154, 192]), steps: 0 });
  };
  const heightAt = (x) => shown.b + shown.w * (x - shown.mean);
  const grips = ENDS.map((x, place) => makeHandle(plot, {
    label: place ? "right end of the line" : "left end of the line", axis: "y", step: 0.5, kind: "other", bounds: { y: [130, 220] },
    move: ({ y }) => {
      const other = ENDS[1 - place];
      const w = clamp((y - heightAt(other)) / (x - other), [-1.5, 2.8]);
      setLine(w, y + w * (shown.mean - x));
    },
    text: ({ y }) => `${format(y, 4)} cm`,
  }));
  const ball = makeHandle(bowl, {
    label: "weight and bias", step: 0.05, kind: "other",
    move: ({ x, y }) => setLine(x / shown.unit, y), text: ({ x, y }) => `w = ${format(x / shown.unit, 3)}, b = ${format(y, 4)}`,
  });

  function update(frame, { steps }) {
    const { unit } = frame;
    plot.fit();
    bowl.fit({ x: frame.window });
    bowl.svg.select(".axis-name").text(unit === 1 ? "weight w per cm" : "w per standard deviation");
    const count = Math.min(steps, frame.path.length - 1);
    const known = frame.path.slice(0, count + 1);
    const [w, b, error] = known.at(-1);
    shown = { w, b, mean: frame.mean, unit };
    const few = frame.dots.length < 20;
    const most = Math.max(...frame.dots.map(([, , many]) => many));
    dots.selectAll("circle").data(frame.dots).join("circle").attr("cx", ([x]) => plot.x(x)).attr("cy", ([, y]) => plot.y(y))
      .attr("r", ([, , many]) => (few ? 5.5 : 1.5 + 6.5 * Math.sqrt(many / most))).attr("fill", "var(--first)").attr("fill-opacity", few ? 0.95 : 0.6);
    squares.selectAll("rect").data(few ? frame.dots : []).join("rect").each(function draw([x, y]) {
      const side = Math.abs(plot.y(y) - plot.y(heightAt(x)));
      const goesLeft = plot.x(x) + side > plot.x(HIGH);
      this.setAttribute("x", goesLeft ? plot.x(x) - side : plot.x(x));
      this.setAttribute("y", Math.min(plot.y(y), plot.y(heightAt(x))));
      this.setAttribute("width", side);
      this.setAttribute("height", side);
    }).attr("fill", "var(--second)").attr("fill-opacity", 0.07).attr("stroke", "var(--second)").attr("stroke-opacity", 0.35);
    const start = frame.path[0];
    const startAt = (x) => start[1] + start[0] * (x - frame.mean);
    first.attr("x1", plot.x(LOW)).attr("y1", plot.y(startAt(LOW))).attr("x2", plot.x(HIGH)).attr("y2", plot.y(startAt(HIGH)));
    line.attr("x1", plot.x(LOW)).attr("y1", plot.y(heightAt(LOW))).attr("x2", plot.x(HIGH)).attr("y2", plot.y(heightAt(HIGH)));
    // The weight and the bias in the picture: where the line meets x = 0, it has the height b.
    zero.attr("x1", plot.x(frame.mean)).attr("x2", plot.x(frame.mean)).attr("y1", plot.y(LOW - 1)).attr("y2", plot.y(HIGH - 1));
    zeroName.attr("x", plot.x(frame.mean) + 5).attr("y", plot.y(LOW - 1) - 7);
    base.attr("cx", plot.x(frame.mean)).attr("cy", plot.y(b));
    baseName.attr("text-anchor", w > 0 ? "end" : "start").attr("x", plot.x(frame.mean) + (w > 0 ? -7 : 7)).attr("y", plot.y(b) - 8)
      .attr("display", b > LOW && b < HIGH - 3 ? null : "none").text(`b = ${format(b, 4)}`);
    // A mean square that would cover the picture is told and not drawn.
    const side = plot.x(LOW + Math.min(frame.typical[count], LARGEST)) - plot.x(LOW);
    const [edge, floor] = [plot.x(HIGH) - 6, plot.y(LOW - 1) - 6];
    mean.attr("display", frame.typical[count] <= LARGEST ? null : "none").attr("x", edge - side).attr("y", floor - side).attr("width", side).attr("height", side);
    meanName.attr("x", plot.x(HIGH)).attr("y", plot.y(HIGH - 1) - 6).text(`mean square ${format(error, 3)} cm²`);
    grips.forEach((grip, place) => {
      const height = heightAt(ENDS[place]);
      const kept = clamp(height, [LOW - 1, HIGH - 1]);
      grip.show(ENDS[place], kept);
      grip.group.style("opacity", kept === height ? 1 : 0.4);
    });
    showContours(bowl, contours, frame.contours);
    trail.attr("d", tracePath(bowl, known.map(([weight, bias]) => [weight * unit, bias])));
    was.selectAll("circle").data(known.slice(0, -1)).join("circle").attr("class", "was").attr("r", 3).attr("cx", ([x]) => bowl.x(x * unit)).attr("cy", ([, y]) => bowl.y(y));
    best.attr("cx", bowl.x(frame.best[0] * unit)).attr("cy", bowl.y(frame.best[1]));
    placeLabel(bestName, bowl, bowl.x(frame.best[0] * unit), bowl.y(frame.best[1]) + 20, "best line", 6);
    ball.show(clamp(w * unit, frame.window), clamp(b, [154, 192]));
    const end = count === frame.path.length - 1 && count < 60 ? " It runs away: this learning rate is too large." : "";
    const perUnit = unit === 1 ? "" : `, x in standard deviations (${format(w, 3)} per cm)`;
    api.say(`After ${count} step${count === 1 ? "" : "s"}: prediction = ${format(w * unit, 3)} · x + ${format(b)} cm${perUnit}; typical error ${format(frame.typical[count], 3)} cm.${end}`);
  }

  return { update, local: ["steps"], pace: 7 };
}

// One guess for all: people on a scale, and under it the two errors of every guess.
function drawGuess(api) {
  const x = [150, 240];
  const room = { left: 52, right: 16 };
  const strip = makePlot(api.root, { x, y: [-1, 1], label: "People on a scale of heights", ratio: 0.1, lowest: 84, tallest: 84, ticks: [0, 0], margin: { ...room, bottom: 14, top: 14 } });
  const guessLine = strip.inside.append("line").attr("stroke", "var(--ink)").attr("stroke-width", 1.5);
  const guessName = strip.above.append("text").attr("class", "told");
  const panels = [["absolute", "mean absolute error, cm", [0, 46], "third", "median"], ["squared", "mean squared error, cm²", [0, 2200], "second", "average"]].map(([name, label, y, colour, what]) => {
    const plot = makePlot(api.root, { x, y, label, yLabel: label, xLabel: name === "squared" ? "guess for all, cm" : "", ratio: 0.26, lowest: 150, tallest: 175, ticks: [9, 4], margin: { ...room, top: 22, bottom: name === "squared" ? 38 : 24 } });
    return {
      name, plot, what, y,
      curve: plot.inside.append("path").attr("class", "curve").style("stroke", `var(--${colour})`),
      best: plot.inside.append("line").attr("class", "limit"),
      bestName: plot.above.append("text").attr("class", "told small"),
      tangent: plot.inside.append("line").attr("stroke", "var(--ink)").attr("stroke-width", 2),
      dot: plot.inside.append("circle").attr("class", "ball").attr("r", 6),
      slope: plot.above.append("text").attr("class", "told"),
    };
  });
  const people = [];
  const grip = makeHandle(strip, { label: "guess for all", axis: "x", step: 0.5, kind: "other", move: ({ x: at }) => api.set({ guess: Math.round(at * 2) / 2 }), text: ({ x: at }) => `${format(at)} cm` });

  function update(frame, values) {
    strip.fit();
    while (people.length < values.people.length) {
      const place = people.length;
      people.push(makeHandle(strip, {
        label: `person ${place + 1}`, axis: "x", step: 0.5,
        move: ({ x: at }) => api.set({ people: api.values.people.map((one, number) => (number === place ? [Math.round(at * 2) / 2, 0] : one)) }),
        text: ({ x: at }) => `${format(at)} cm`,
      }));
    }
    people.forEach((one, place) => {
      one.group.attr("display", place < values.people.length ? null : "none");
      if (place < values.people.length) one.show(values.people[place][0], -0.45);
    });
    grip.show(values.guess, 0.6);
    guessLine.attr("x1", strip.x(values.guess)).attr("x2", strip.x(values.guess)).attr("y1", strip.y(1)).attr("y2", strip.y(-1));
    placeLabel(guessName, strip, strip.x(values.guess), strip.y(0.6) + 4, `guess ${format(values.guess)} cm`, 14);
    for (const panel of panels) {
      const { name, plot, y } = panel;
      const place = name === "squared" ? 0 : 1;
      plot.fit({ y: [y[0], Math.max(y[1], 1.1 * frame.at[place])] });
      panel.curve.attr("d", tracePath(plot, frame[name]));
      const best = frame.best[place];
      panel.best.attr("x1", plot.x(best)).attr("x2", plot.x(best)).attr("y1", plot.y(y[0])).attr("y2", plot.y(y[1]));
      placeLabel(panel.bestName, plot, plot.x(best), 30, `${panel.what} ${format(best)}`, 6);
      const [at, slope] = [frame.at[place], frame.slopes[place]];
      const steep = ((slope ?? 0) * (plot.y(0) - plot.y(1))) / (plot.x(1) - plot.x(0));
      const reach = 8 / Math.hypot(1, steep);
      panel.tangent.attr("display", slope === null ? "none" : null).attr("x1", plot.x(values.guess - reach)).attr("y1", plot.y(at - slope * reach)).attr("x2", plot.x(values.guess + reach)).attr("y2", plot.y(at + slope * reach));
      panel.dot.attr("cx", plot.x(values.guess)).attr("cy", plot.y(at));
      const words = slope === null ? "a corner: no slope" : `slope ${format(slope, 2)}`;
      panel.slope.text(words);
      // Above the curve, on the side where it is lower; below a corner that is the lowest point, if there is room.
      const rises = values.guess > best;
      const below = plot.y(at) + 20;
      const room = measureText(panel.slope.node(), words);
      const begin = plot.x(values.guess) + (rises ? -18 - room : 18);
      const beside = frame[name].filter(([x]) => plot.x(x) > begin && plot.x(x) < begin + room).map(([, error]) => plot.y(error));
      const above = Math.max(46, Math.min(plot.y(at) - 8, ...beside) - 6);
      placeLabel(panel.slope, plot, plot.x(values.guess), slope === null && values.guess === best && below < plot.y(y[0]) - 4 ? below : above, words, 18, rises);
    }
  }

  return { update };
}

export const drawings = { line: drawLine, guess: drawGuess };
