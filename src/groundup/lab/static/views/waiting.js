// While a model is being trained for a page its frames hold `waiting`: how far it is. Shows that, and asks again.
import { askJson, drawChart, nameTime } from "/static/tools.js";
import { button, element } from "/static/views/elements.js";

const SOON = 700, LATER = 2500;

// Returns `update` for a drawing that is built by `draw(api)` when the first real frame is there.
export function whenReady(draw) {
  return (api) => {
    let drawing = null;
    const training = showTraining(api);
    let timer = 0;
    const facade = { local: [], pace: 8, isDone: (changes) => drawing?.isDone?.(changes), update };

    function update(frame, values) {
      if (frame.waiting !== undefined) {
        training.update(frame.waiting);
        if (!training.root.isConnected) api.root.append(training.root);
        clearTimeout(timer);
        timer = setTimeout(() => api.request(), frame.waiting.stopped ? LATER : SOON);
        return;
      }
      training.root.remove();
      if (!drawing) {
        drawing = draw(api);
        if (drawing.local) api.local = new Set(drawing.local);
        facade.pace = drawing.pace ?? 8;
      }
      drawing.update(frame, values, api);
    }

    return facade;
  };
}

// The step of how many, the loss that falls, the time that is left, and a button that stops the training.
function showTraining(api) {
  const root = element("div", "training-now");
  const bar = element("progress");
  const told = element("p", "training-told");
  const losses = element("div", "charts");
  let now = {};
  const stop = button("Stop", async () => {
    stop.disabled = true;
    try {
      await askJson("/api/lessons/models", { model: now.model, stop: !now.stopped });
      await api.request();
    } catch (error) {
      api.refuse(error.message);
    }
    stop.disabled = false;
  });
  bar.setAttribute("aria-label", "training of a small model");
  root.append(bar, told, losses, stop);

  function update(waiting) {
    now = waiting;
    if (waiting.steps) Object.assign(bar, { max: waiting.steps, value: waiting.step });
    else bar.removeAttribute("value"); // it reads its data, for how long nobody knows
    told.textContent = describe(waiting);
    stop.textContent = waiting.stopped ? "Train the model" : "Stop";
    stop.hidden = waiting.elsewhere && !waiting.stopped; // another process's training is not ours to stop
    losses.replaceChildren(...(waiting.losses.length > 1 ? [drawChart("loss", [{ name: "in training", points: waiting.losses }])] : []));
  }

  return { root, update };
}

function describe({ step, steps, losses, left, stopped, elsewhere }) {
  if (stopped) return step ? `Stopped at step ${step} of ${steps}.` : "Stopped.";
  if (elsewhere) return ""; // the sentence below the picture says so
  if (!step) return "It reads its data and makes its first steps.";
  const loss = losses.length ? `, loss ${losses.at(-1)[1].toFixed(2)}` : "";
  const time = left === null ? "" : left < 1 ? ", nearly done" : `, about ${nameTime(left)} left`;
  return `Step ${step} of ${steps}${loss}${time}.`;
}

// A token as a person can read it: blanks and line ends to be seen where they are all there is.
export function showToken(token) {
  const line = token.replaceAll("\n", "⏎");
  return line.trim() ? line.trim() : line.replaceAll(" ", "␣");
}
