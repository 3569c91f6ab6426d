// While a model is being trained for a page its frames hold `waiting`, the share that is done: shows it and asks again.
import { element } from "/static/views/elements.js";

// Returns `update` for a drawing that is built by `draw(api)` when the first real frame is there.
export function whenReady(draw) {
  return (api) => {
    let drawing = null;
    const place = element("div");
    const bar = element("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", "training of a small model");
    place.append(bar);
    let timer = 0;
    const facade = { local: [], pace: 8, update };

    function update(frame, values) {
      if (frame.waiting !== undefined) {
        bar.value = frame.waiting;
        if (!place.isConnected) api.root.append(place);
        clearTimeout(timer);
        timer = setTimeout(() => api.request(), 700);
        return;
      }
      if (!drawing) {
        place.remove();
        drawing = draw(api);
        if (drawing.local) api.local = new Set(drawing.local);
        facade.pace = drawing.pace ?? 8;
      }
      drawing.update(frame, values, api);
    }

    return facade;
  };
}

// A token as a person can read it: blanks and line ends to be seen where they are all there is.
export function showToken(token) {
  const line = token.replaceAll("\n", "⏎");
  return line.trim() ? line.trim() : line.replaceAll(" ", "␣");
}
