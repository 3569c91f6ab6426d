// The section "Look inside" of a GPT's page: the figures of `groundup look`, to be pointed at.
import { askJson, make } from "/static/tools.js";
import { showToken } from "/static/views/waiting.js";

const root = document.querySelector("#run"), form = document.querySelector("#look");
const find = (selector) => document.querySelector(selector);
const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const signed = (cost) => (cost == null ? "–" : `${cost < 0 ? "−" : "+"}${Math.abs(cost).toFixed(3)}`);
const plural = (count, name) => `${count.toLocaleString("en")} ${name}${count === 1 ? "" : "s"}`;
const SCORES = { previous_token: "previous token", first_token: "first token", induction: "induction" };
// From this many nats on a token has the strongest colour.
const STRONGEST = 7;
let facts = null, asked = 0;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const mine = ++asked, button = form.querySelector("button");
  button.disabled = true;
  find("#look-status").textContent = "Every part is switched off once …";
  try {
    const body = { text: form.elements.text.value, on: form.elements.on?.value ?? "text" };
    const found = await askJson(`/api/runs/${encodeURIComponent(root.dataset.name)}/inside`, body);
    if (mine === asked) show(found);
  } catch (error) {
    if (mine === asked) find("#look-status").textContent = error.message;
  }
  button.disabled = false;
});
find("#shown-score").addEventListener("change", showParts);

function show(found) {
  facts = found;
  find("#found").hidden = false;
  find("#look-status").textContent = facts.left_out ? `The first ${plural(facts.left_out, "token")} are left out: the rest is all that fits here.` : "";
  showSurprise();
  showLens();
  const known = Object.keys(SCORES).filter((name) => facts.heads[name]);
  const options = [["cost", "the loss without it"], ...known.map((name) => [name, `how much a head looks at: ${SCORES[name]}`])];
  const before = find("#shown-score").value;
  find("#shown-score").replaceChildren(...options.map(([value, textContent]) => make("option", { value, textContent })));
  if (options.some(([value]) => value === before)) find("#shown-score").value = before;
  find("#part-detail").textContent = "Point at a part, or tap it.";
  showMeasured(known);
  showParts();
}

const colour = (name, share) => `color-mix(in srgb, var(--${name}) ${Math.round(45 * Math.min(1, Math.max(0, share)))}%, transparent)`;

function showSurprise() {
  const tokens = facts.tokens.map((token, place) => {
    const surprise = facts.surprise[place], told = tellSurprise(place);
    const node = make("span", { textContent: token.replaceAll("\n", "⏎\n"), title: told });
    if (surprise !== null) node.style.background = colour("second", surprise / STRONGEST);
    node.addEventListener("click", () => (find("#surprise-detail").textContent = told));
    return node;
  });
  find("#shaded").replaceChildren(...tokens);
  const known = facts.surprise.filter((surprise) => surprise !== null);
  const mean = known.reduce((sum, surprise) => sum + surprise, 0) / known.length;
  find("#surprise-detail").textContent = known.length ? `Mean ${mean.toFixed(2)} nats, as a choice among ${Math.exp(mean).toFixed(1)} tokens. Tap a token for its own.` : "Surprise needs a second token.";
}

function tellSurprise(place) {
  const surprise = facts.surprise[place], name = `“${showToken(facts.tokens[place])}”`;
  return surprise === null ? `${name} stands first: nothing came before it.` : `${name}: ${surprise.toFixed(2)} nats, probability ${percent(Math.exp(-surprise))}`;
}

function showLens() {
  const head = make("tr", {}, make("th", { scope: "row", textContent: "token" }), ...facts.tokens.map((token) => make("th", { scope: "col", textContent: showToken(token) })));
  const surprise = make("tr", {}, make("th", { scope: "row", textContent: "its surprise" }), ...facts.surprise.map((value) => make("td", { className: "soft", textContent: value === null ? "" : value.toFixed(2) })));
  const rows = facts.lens.map(({ after, tokens, probabilities }) => {
    const cells = tokens.map((token, place) => {
      const cell = make("td", {}, make("b", { textContent: showToken(token) }), make("small", { textContent: percent(probabilities[place]) }));
      cell.style.background = colour("first", probabilities[place]);
      return cell;
    });
    return make("tr", {}, make("th", { scope: "row", textContent: `after ${after}` }), ...cells);
  });
  find("#lens").replaceChildren(make("thead", {}, head), make("tbody", {}, surprise, ...rows));
}

function showMeasured(known) {
  const { on, tokens, loss } = facts.measured;
  const place = on === "text" ? "this text" : "the validation text";
  find("#measured").textContent = loss === null ? "Give at least two tokens to see what each part is worth."
    : `Each part is switched off alone: it adds nothing. With all parts on, the loss on ${place} is ${loss.toFixed(3)} nats per token (${plural(tokens, "token")}). A number near 0 says that the part is not needed there, or that others do the same; below 0 it does harm.`;
  if (facts.heads.previous_token === null && facts.heads.induction === null) {
    find("#scores").textContent = loss === null ? "" : "The attention of this run is a learner's own part: no head of it can be switched off or scored.";
    return;
  }
  const random = facts.random_tokens, told = [];
  if (known.includes("previous_token")) told.push("Previous token: the share of its attention that a head puts on the token before. First token: the share on the first token. A head that finds nothing useful looks there (an attention sink).");
  if (random) told.push(`Induction: the model reads ${random.length} random tokens twice. In the second reading, the share on the token that came next in the first. Such a head continues patterns (Olsson et al., 2022). The loss on these tokens is ${random.loss.toFixed(2)}, and when they are repeated ${random.loss_repeated.toFixed(2)}.`);
  const even = known.map((name) => `${SCORES[name]} ${facts.even[name].toFixed(2)}`).join(", ");
  find("#scores").textContent = `${told.join(" ")} A head that looks at all tokens alike has: ${even}.`;
}

function showParts() {
  const score = find("#shown-score").value, { heads } = facts;
  const others = [["attention", facts.attention], ["feed-forward", facts.feed_forward], ["block", facts.block]];
  const costs = [heads.cost, ...others.map(([, found]) => found.cost)].flat(2).map(Math.abs);
  const most = score === "cost" ? Math.max(...costs, 1e-9) : 1;
  const labels = [...heads.cost[0].map((_, head) => `head ${head + 1}`), ...others.map(([name]) => name)];
  const rows = heads.cost.map((row, layer) => {
    const values = score === "cost" ? row : heads[score][layer];
    const cells = values.map((value, head) => makePart(`head ${layer + 1}.${head + 1}`, value, most, score, tellHead(layer, head), row[head] !== null || score !== "cost"));
    for (const [name, found] of others) {
      cells.push(makePart(`${name} ${layer + 1}`, score === "cost" ? found.cost[layer] : null, most, score, tellCost(`${name} ${layer + 1}`, found.cost[layer], found.error[layer]), score === "cost" && found.cost[layer] !== null));
    }
    return make("tr", {}, make("th", { scope: "row", textContent: `block ${layer + 1}` }), ...cells);
  });
  const head = make("tr", {}, make("td"), ...labels.map((textContent) => make("th", { scope: "col", textContent })));
  find("#parts").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}

function makePart(name, value, most, score, told, known) {
  if (!known) return make("td", { className: "soft", textContent: "–" });
  const button = make("button", { type: "button", textContent: score === "cost" ? signed(value) : value.toFixed(2), title: told });
  button.setAttribute("aria-label", told);
  button.style.background = colour(value < 0 ? "second" : "first", (Math.abs(value) / most) ** 0.7);
  for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, () => (find("#part-detail").textContent = told));
  return make("td", {}, button);
}

const tellCost = (name, cost, error) => (cost === null ? name : `${name} off: loss ${signed(cost)}${error === null ? "" : ` ± ${error.toFixed(3)}`}`);

function tellHead(layer, head) {
  const { cost, error } = facts.heads;
  const scores = Object.keys(SCORES).filter((name) => facts.heads[name]).map((name) => `${SCORES[name]} ${facts.heads[name][layer][head].toFixed(2)}`);
  return `${tellCost(`head ${layer + 1}.${head + 1}`, cost[layer][head], error[layer][head])}. It looks at: ${scores.join(", ")}.`;
}
