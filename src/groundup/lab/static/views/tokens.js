// The tokens of a picture: a group for each, which the mouse, the keys and a press reach.

// Returns what draws them into `layer`.
//   options: choose(place) (a token was pressed), redraw() (another one is pointed at), isHeld() (whether the mouse is to point at none)
export function makeTokens(layer, options) {
  let pointed = null;
  const index = (node) => layer.selectAll("g.word").nodes().indexOf(node);

  function point(place) {
    if (place === pointed) return;
    pointed = place;
    options.redraw();
  }

  return {
    // The token that the mouse or the keys are at, of so many; null if none is.
    pointed(count) {
      if (pointed !== null && pointed >= count) pointed = null;
      return pointed;
    },

    // A group for each name, a rect and a text; the one that is pointed at has a frame.
    draw(names, query) {
      const groups = layer.selectAll("g.word").data(names).join((enter) => {
        const group = enter.append("g").attr("class", "word").attr("role", "button").attr("tabindex", 0).style("cursor", "pointer").style("outline", "none");
        group.append("rect");
        group.append("text").attr("class", "name").attr("text-anchor", "middle");
        group.on("pointerenter pointermove", (event) => { if (!options.isHeld?.()) point(index(event.currentTarget)); })
          .on("focus", (event) => point(index(event.currentTarget)))
          .on("pointerleave blur", () => point(null))
          .on("click", (event) => options.choose(index(event.currentTarget)))
          .on("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); options.choose(index(event.currentTarget)); } });
        return group;
      });
      groups.select("rect").attr("rx", 7).style("fill", (_, i) => (i === query ? "var(--second)" : "transparent"))
        .style("stroke", (_, i) => (i === pointed ? "var(--mark)" : "none")).style("stroke-width", 2);
      groups.select("text").style("fill", (_, i) => (i === query ? "var(--page)" : "var(--ink)")).text((name) => name);
      return groups;
    },
  };
}
