// Draws scores that become probabilities and slopes, the loss behind a sigmoid, and two networks that learn.
import { element, format, opening } from "/static/views/elements.js";
import { divide } from "/static/views/landscape.js";
import { makeHandle, makePlot, placeLabel, tracePath } from "/static/views/plot.js";

const WIDE = [-0.6, 2.6];

function writeShare(share) {
  if (share < 0.00005) return "≈ 0";
  return `${share < 0.00995 ? format(100 * share, 2) : (100 * share).toFixed(1)}\u00a0%`;
}

// The powers of e laid end to end: the share of each in the whole strip is its probability.
function makeStrip(root, names) {
  const place = element("div", "powers");
  const title = element("p", "part-name");
  const strip = element("div", "strip");
  const pieces = names.map((name) => strip.appendChild(element("i", "", name)));
  const sums = element("div", "sums");
  place.append(title, strip, sums);
  root.append(place);
  return function show({ logits, powers, total, probabilities, right }) {
    const whole = format(total, 3);
    title.replaceChildren("softmax: the powers of e end to end, together ", opening(whole, "psum"));
    pieces.forEach((piece, at) => {
      piece.style.flexGrow = 100 * probabilities[at];
      piece.classList.toggle("right", at === right);
      piece.classList.toggle("thin", probabilities[at] < 0.12);
    });
    sums.replaceChildren(...names.map((name, at) => {
      const share = writeShare(probabilities[at]);
      const told = element("p", at === right ? "right" : "", `${name}: e`);
      told.append(element("sup", "", format(logits[at], 3)), powers[at] === 1 ? " = " : " ≈ ", opening(format(powers[at], 3), `pe${at + 1}`), element("br"), `÷ ${whole} ${share.startsWith("≈") ? "" : "≈ "}`, opening(share, `p${at + 1}`));
      return told;
    }));
  };
}

// Bars that a hand drags, the two rows of bars that follow from them, and the strip that shows how.
function drawBars(api) {
  const places = divide(api.root, [1, 1, 1].map(() => ({ share: 1, least: 190 })));
  const isNarrow = api.root.clientWidth < 480;
  const panels = [["score (drag it)", [-7.6, 7.6]], ["probability", [0, 1.12]], ["slope: a step goes against it", [-1.3, 1.3]]].map(([label, y], number) => {
    const plot = makePlot(places[number], { x: WIDE, y, label, yLabel: label, ratio: isNarrow ? 0.55 : 1.25, lowest: isNarrow ? 170 : 220, tallest: 330, ticks: [0, 5], margin: { top: 20, left: 36, right: 6, bottom: 30 } });
    return { plot, bars: plot.inside.append("g"), zero: plot.inside.append("line").attr("stroke", "var(--soft)"), numbers: plot.above.append("g"), names: plot.above.append("g") };
  });
  const order = ["cat", "dog", "owl"];
  const showPowers = makeStrip(api.root, order);
  const grips = order.map((name, place) => makeHandle(panels[0].plot, {
    label: `score of ${name}`, axis: "y", step: 0.1,
    move: ({ y }) => api.set({ [name]: Math.round(Math.min(6, Math.max(-6, y - api.values.shift)) * 10) / 10 }),
    text: ({ y }) => format(y, 3),
  }));

  function update(frame, values) {
    const { shift } = values;
    const shown = order.map((name) => values[name] + shift);
    [shown, frame.probabilities, frame.slopes].forEach((numbers, number) => {
      const { plot, bars, zero, numbers: told, names } = panels[number];
      plot.fit(number === 0 ? { y: [-7.6 + shift, 7.6 + shift] } : {});
      const [low] = plot.y.domain();
      const base = plot.y(Math.max(low, number === 0 ? shift : 0));
      const width = Math.min(54, (plot.x(1) - plot.x(0)) * 0.62);
      const colour = (place) => (number === 2 ? `var(--${numbers[place] < 0 ? "good" : "bad"})` : place === frame.right ? "var(--second)" : "var(--first)");
      bars.selectAll("rect").data(numbers).join("rect").attr("rx", 3).attr("x", (_, place) => plot.x(place) - width / 2).attr("width", width)
        .attr("y", (value) => Math.min(base, plot.y(value))).attr("height", (value) => Math.max(1, Math.abs(plot.y(value) - base)))
        .attr("fill", (_, place) => colour(place)).attr("fill-opacity", 0.85);
      zero.attr("x1", plot.x(WIDE[0])).attr("x2", plot.x(WIDE[1])).attr("y1", base).attr("y2", base);
      const words = numbers.map((value) => (number === 1 ? writeShare(value) : format(value, number === 2 && Math.abs(value) < 0.1 ? 2 : 3)));
      told.selectAll("text").data(words).join("text").attr("data-number", (_, place) => `${"zpd"[number]}${place + 1}`).attr("class", number === 0 ? "told" : "told small").attr("text-anchor", "middle").attr("x", (_, place) => plot.x(place))
        .attr("y", (_, place) => plot.y(numbers[place]) + (numbers[place] < (number === 0 ? shift : 0) ? 24 : -16) + (number === 0 ? 0 : numbers[place] < 0 ? -6 : 8)).text((word) => word);
      names.selectAll("text").data(frame.names).join("text").attr("class", "told small").attr("text-anchor", "middle").attr("x", (_, place) => plot.x(place))
        .attr("y", plot.svg.node().viewBox.baseVal.height - 8).style("fill", (_, place) => (place === frame.right ? "var(--second)" : "var(--ink)"))
        .text((name, place) => (place === frame.right ? `${name} ✓` : name));
    });
    grips.forEach((grip, place) => grip.show(place, shown[place]));
    showPowers(frame);
  }

  return { update };
}

// Loss, and what there is to learn from, with and without a sigmoid.
function drawSquashed(api) {
  const places = divide(api.root, [{ share: 1, least: 250 }, { share: 1, least: 250 }]);
  const panels = [["loss", 1, [0, 3.8]], ["size of the slope", 2, [0, 1.08]]].map(([label, column, y], number) => {
    const plot = makePlot(places[number], { x: [-10, 10], y, label, xLabel: "score of the right class", yLabel: label, ratio: 0.85, tallest: 310, ticks: [5, 5], margin: { top: 18, left: 40 } });
    const floor = column === 1 ? plot.inside.append("line").attr("class", "limit") : null;
    const floorName = column === 1 ? plot.above.append("text").attr("class", "told small") : null;
    const lines = [["plain", "first", "on logits"], ["squashed", "second", "with a sigmoid"]].map(([kind, colour, name], place) => ({
      kind, place, name, column,
      curve: plot.inside.append("path").attr("class", "curve").style("stroke", `var(--${colour})`),
      told: plot.above.append("text").attr("class", "told small").style("fill", `var(--${colour})`),
      grip: makeHandle(plot, {
        label: `score of the right class, ${name}`, axis: "x", step: 0.1, radius: 7, kind: place ? "other" : "",
        move: ({ x }) => api.set({ score: Math.round(x * 10) / 10 }), text: ({ x }) => format(x, 3),
      }),
    }));
    return { plot, floor, floorName, lines };
  });

  function update(frame) {
    for (const { plot, floor, floorName, lines } of panels) {
      plot.fit();
      if (floor) {
        floor.attr("x1", plot.x(-10)).attr("x2", plot.x(10)).attr("y1", plot.y(frame.floor)).attr("y2", plot.y(frame.floor));
        // At the right, where one curve lies on the floor and the other far below.
        floorName.attr("text-anchor", "end").attr("x", plot.x(10) - 6).attr("y", plot.y(frame.floor) - 12).text(`floor ${format(frame.floor)}`);
      }
      for (const { kind, place, name, column, curve, told, grip } of lines) {
        curve.attr("d", tracePath(plot, frame[kind].map((row) => [row[0], row[column]])));
        const row = frame.at[place];
        grip.show(row[0], row[column]);
        // In the corner that no curve reaches.
        told.attr("text-anchor", "end").attr("x", plot.x(10) - 6).attr("y", plot.y(plot.y.domain()[1]) + 14 + 19 * place).text(`${name} ${format(row[column], 2)}`);
      }
    }
  }

  return { update };
}

// Two networks that see the same pictures: their losses, and what they read rightly.
function drawRace(api) {
  const places = divide(api.root, [{ share: 1, least: 250 }, { share: 1, least: 250 }]);
  const panels = [["loss of the last batch", "losses", [0, 2.6]], ["share of new pictures read rightly", "right", [0, 1.08]]].map(([label, key, y], number) => {
    const plot = makePlot(places[number], { x: [0, 300], y, label, xLabel: "step", yLabel: label, ratio: 0.8, tallest: 300, ticks: [4, 5], margin: { top: 18, left: 40 } });
    const floor = key === "losses" ? plot.inside.append("line").attr("class", "limit") : null;
    const lines = [["first", "on logits"], ["second", "with a sigmoid"]].map(([colour, name], place) => ({
      place, name,
      curve: plot.inside.append("path").attr("class", "curve").style("stroke", `var(--${colour})`),
      told: plot.above.append("text").attr("class", "told small").style("fill", `var(--${colour})`),
    }));
    return { plot, key, floor, lines };
  });

  function update(frame) {
    for (const { plot, key, floor, lines } of panels) {
      plot.fit();
      if (floor) floor.attr("x1", plot.x(0)).attr("x2", plot.x(300)).attr("y1", plot.y(frame.floor)).attr("y2", plot.y(frame.floor));
      const rows = frame[key];
      for (const { place, name, curve, told } of lines) {
        curve.attr("d", tracePath(plot, rows.map((row) => [row[0], row[place + 1]])));
        const last = rows.at(-1);
        const low = key === "losses" ? place === 0 : place === 1;
        // Close to the axis there is no room under the lower line.
        const isCrowded = last && plot.y(0) - plot.y(Math.min(last[1], last[2])) < 34;
        const lift = isCrowded ? (low ? -10 : -28) : (low ? 24 : -10);
        if (last) placeLabel(told, plot, plot.x(Math.min(last[0], 290)), plot.y(last[place + 1]) + lift, `${name} ${format(last[place + 1], 3)}`, 4);
        told.attr("display", last ? null : "none");
      }
    }
  }

  return { update };
}

export const drawings = { bars: drawBars, squashed: drawSquashed, race: drawRace };
