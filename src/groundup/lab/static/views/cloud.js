// Many small points of a plot, all of one colour in one path: some hundred circles are too slow to follow a hand.
const TIME = 110; // milliseconds of a motion

// `group` is a selection in a plot. Returns show(points, calm), which takes points { x, y, colour } in pixels of the plot; without
// `calm` they move to their places. The fewer colours, the faster.
export function makeCloud(group) {
  group.attr("class", "cloud").style("pointer-events", "none");
  let shown = [];
  let moving = 0;

  function paint(points) {
    const alike = new Map();
    for (const { x, y, colour } of points) alike.set(colour, `${alike.get(colour) ?? ""}M${x.toFixed(1)},${y.toFixed(1)}h0`);
    group.selectAll("path").data([...alike]).join("path").attr("stroke", ([colour]) => colour).attr("d", ([, dots]) => dots);
    shown = points;
  }

  return function show(points, calm) {
    cancelAnimationFrame(moving);
    if (calm || shown.length !== points.length) { paint(points); return; }
    const from = shown;
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / TIME);
      const between = (a, b) => a + (b - a) * share;
      paint(points.map(({ x, y, colour }, place) => ({ x: between(from[place].x, x), y: between(from[place].y, y), colour })));
      if (share < 1) moving = requestAnimationFrame(step);
    };
    step();
  };
}
