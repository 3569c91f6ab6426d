import { ask, askJson, make, say } from "./tools.js";

const list = document.querySelector("#list tbody");

function showRow(run) {
  const last = run.error || run.outcome || run.figures.slice(0, 3).join(" · ");
  const name = run.state === "broken" ? run.name : make("a", { href: `/runs/${encodeURIComponent(run.name)}`, textContent: run.name });
  return make(
    "tr", {}, make("td", {}, name), make("td", { textContent: run.task }),
    make("td", { className: run.state, textContent: run.state }), make("td", { textContent: last }),
  );
}

let shown = "";
async function refresh() {
  try {
    const { runs } = await askJson("/api/runs");
    const now = JSON.stringify(runs);
    if (now !== shown) {
      const held = document.activeElement?.getAttribute?.("href");
      list.replaceChildren(...runs.map(showRow));
      if (held) list.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
      document.querySelector("#none").hidden = runs.length > 0;
      document.querySelector("#list").hidden = runs.length === 0;
      shown = now;
    }
    if (document.querySelector("#said").dataset.from === "refresh") say("");
  } catch (error) {
    say(error.message);
    document.querySelector("#said").dataset.from = "refresh";
  }
  setTimeout(refresh, document.hidden ? 5000 : 1500);
}

document.querySelector("#start").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target), button = event.target.querySelector("button");
  const minutes = form.get("minutes");
  button.disabled = true;
  delete document.querySelector("#said").dataset.from;
  try {
    const answer = await ask("/api/runs", { task: form.get("task"), name: form.get("name"), minutes: minutes ? Number(minutes) : null });
    const { name } = await answer.json();
    await waitFor(name);
    location.href = `/runs/${encodeURIComponent(name)}`;
  } catch (error) {
    say(error.message);
  }
  button.disabled = false;
});

/** Wait until a started run has its folder: a busy machine takes long to load PyTorch. */
async function waitFor(name) {
  for (let tries = 0; tries < 480; tries++) {
    const { runs } = await askJson("/api/runs");
    if (runs.some((run) => run.name === name)) return;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`${name} has not started: run groundup train in a terminal to see why.`);
}

refresh();
