// Tokens on a line, and arcs from the one that looks to those that it looks at, thick by weight.
import { select } from "/static/vendor/d3.js";

import { makeTokens } from "/static/views/tokens.js";

// Returns the picture's parts.
//   options: label (for readers of the screen), layers (groups by name, from back to front; tokens is one of them),
//   choose(place) (a token was pressed), redraw() (another one is pointed at), isHeld() (whether the mouse is to point at none)
export function makeLooking(root, options) {
  const svg = select(root).append("svg").attr("class", "plot").attr("role", "group").attr("aria-label", options.label);
  const arcs = svg.append("g").attr("fill", "none").style("stroke", "var(--second)").attr("stroke-linecap", "round");
  const layers = Object.fromEntries(options.layers.map((name) => [name, svg.append("g")]));
  const tokens = makeTokens(layers.tokens, options);

  return {
    svg, layers,

    pointed: tokens.pointed,

    fit(width, height) { svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height).style("width", `${width}px`); },

    // Arcs that begin at a height, from the place of a token to each of `places`: a loop where it looks at itself.
    drawArcs(weights, from, places, height, strength = 1) {
      return arcs.selectAll("path").data(weights).join("path").attr("d", (_, i) => {
        const to = places[i];
        if (to === from) return `M${from - 7},${height} C${from - 24},${height - 40} ${from + 24},${height - 40} ${from + 7},${height}`;
        const top = height - Math.min(height - 6, 24 + Math.abs(from - to) * 0.36);
        return `M${from},${height} C${from},${top} ${to},${top} ${to},${height}`;
      }).attr("stroke-width", (weight) => 0.6 + 8 * weight).attr("opacity", (weight) => (weight < 0.005 ? 0 : strength * (0.25 + 0.7 * weight)));
    },

    drawTokens: tokens.draw,
  };
}
