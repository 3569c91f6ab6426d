// Marks for pictures of a landscape from above: filled contours and arrows.

// Outlines in a plot's own coordinates, one over the other, so that what is lower is deeper in colour.
export function showContours(plot, group, outlines) {
  const [across, up] = [plot.x(1) - plot.x(0), plot.y(1) - plot.y(0)];
  group.attr("transform", `matrix(${across},0,0,${up},${plot.x(0)},${plot.y(0)})`);
  group.selectAll("path").data(outlines).join("path")
    .attr("fill", "var(--first)").attr("fill-opacity", 0.075).attr("fill-rule", "evenodd")
    .attr("stroke", "var(--first)").attr("stroke-opacity", 0.4).attr("stroke-width", 1).attr("vector-effect", "non-scaling-stroke")
    .each(function draw(outline) { if (this.outline !== outline) { this.outline = outline; this.setAttribute("d", outline); } });
}

// The path of an arrow between two places of the screen; nothing where they are too close.
export function traceArrow([x1, y1], [x2, y2], head = 9) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (!(length > 3)) return "";
  const size = Math.min(head, length);
  const [along, aside] = [[(x2 - x1) / length, (y2 - y1) / length], [(y1 - y2) / length, (x2 - x1) / length]];
  const wing = (side) => `${x2 - along[0] * size + side * aside[0] * size * 0.5},${y2 - along[1] * size + side * aside[1] * size * 0.5}`;
  return `M${x1},${y1}L${x2},${y2}M${wing(1)}L${x2},${y2}L${wing(-1)}`;
}

// Places for plots side by side; on a phone one below the other. `shares`: how the width is divided.
export function divide(root, shares) {
  const row = document.createElement("div");
  row.style.cssText = "display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:flex-start";
  root.append(row);
  return shares.map(({ share, least, most }) => {
    const place = document.createElement("div");
    place.style.cssText = `flex:${share} 1 ${least}px;min-width:0;max-width:${most ? `${most}px` : "100%"}`;
    row.append(place);
    return place;
  });
}
