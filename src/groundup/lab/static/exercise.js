// An exercise's page: saves as one types, judges, lays out what failed, shows hints one after another.
import { makeEditor } from "/static/editor.js";
import { showFormulas } from "/static/formulas.js";
import { askJson } from "/static/tools.js";
import { findLine, showVerdict as layOut } from "/static/verdict.js";
import { element } from "/static/views/elements.js";

const data = JSON.parse(document.getElementById("exercise-data").textContent);
const page = document.querySelector(".exercise-page");
const part = (id) => document.getElementById(id);
const beforeKey = `groundup-before-${data.name}`;
let saved = data.text;
let file = data.file;
let later;
let judging = false;
let stage = Number(part("hints").dataset.seen);

const ask = (path, body) => askJson(`/api/exercises/${data.name}/${path}`, body);

function say(text, wrong = "") {
  part("saved").textContent = text;
  part("note").textContent = wrong;
}

async function save() {
  clearTimeout(later);
  const text = editor.text;
  if (text === saved) { say(`saved in ${file}`); return; }
  try {
    const found = await ask("save", { page: data.page, text });
    saved = text;
    file = found.file;
    say(`saved in ${file}`, found.note);
  } catch (error) {
    say("not saved", error.message);
  }
}

function remember(text) {
  try { localStorage.setItem(beforeKey, text); } catch { /* a browser without storage keeps none */ }
  part("before").hidden = false;
}

function recall() {
  try { return localStorage.getItem(beforeKey); } catch { return null; }
}

async function judge() {
  if (judging) return;
  judging = true;
  clearTimeout(later);
  part("judge").setAttribute("aria-busy", "true");
  const text = editor.text;
  try {
    const verdict = await ask("judge", { page: data.page, text });
    saved = text;
    file = verdict.file;
    say(`saved in ${file}`, verdict.note);
    showVerdict(verdict);
    editor.mark(findLine(verdict), verdict.headline);
    if (!verdict.accepted) remember(text);
    if (page.dataset.tab !== "statement" || innerWidth < 900) showTab("verdict");
  } catch (error) {
    say("", error.message);
  }
  part("judge").removeAttribute("aria-busy");
  judging = false;
}

function showVerdict(verdict) {
  const box = part("verdict");
  layOut(box, verdict);
  const state = part("state");
  state.textContent = verdict.accepted ? "done" : "not right yet";
  state.className = `state chip ${verdict.accepted ? "done" : "not-right-yet"}`;
  if (verdict.accepted) {
    const onward = element("p", "onward-line", `${verdict.done} of ${verdict.all} exercises done. `);
    const next = part("next");
    if (next) {
      const link = element("a", "main-button", next.textContent);
      link.href = next.href;
      onward.append(link);
    }
    box.append(onward);
  }
}

async function showHint() {
  const count = Number(part("hints").dataset.count);
  try {
    const { title, html, note } = await ask(`hints/${stage + 1}`, {});
    stage += 1;
    const box = element("section", "hint");
    box.append(element("h3", "", `Hint ${stage}: ${title}`));
    const body = element("div");
    body.innerHTML = html; // rendered by the lab from its own files
    box.append(body);
    showFormulas(box);
    part("hints").append(box);
    box.scrollIntoView({ block: "nearest" });
    part("hint").textContent = stage < count ? `Hint ${stage + 1} of ${count}` : "";
    part("hint").hidden = stage >= count;
    if (note) say("", note);
  } catch (error) {
    say("", error.message);
  }
}

function makeCode(html) {
  const code = element("div");
  code.innerHTML = html; // rendered by the lab from its own files
  return code;
}

async function showSolution() {
  const { answer, about, modules } = await ask("solution");
  part("model").replaceChildren(element("h3", "", "Model answer"), makeCode(answer), element("p", "", about));
  for (const { module, html } of modules) part("model").append(element("p", "place", module), makeCode(html));
  part("model").scrollIntoView({ block: "nearest" });
}

function showTab(name) {
  page.dataset.tab = name;
  for (const tab of document.querySelectorAll(".tabs button")) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
}

const editor = makeEditor(part("editor"), data.text, {
  judge,
  changed() {
    say("…");
    clearTimeout(later);
    later = setTimeout(save, 700);
  },
});
showFormulas(document);
part("before").hidden = recall() === null;
part("judge").addEventListener("click", judge);
part("hint").addEventListener("click", showHint);
part("solution").addEventListener("click", showSolution);
part("reset").addEventListener("click", () => { remember(editor.text); editor.replace(data.stub); editor.focus(); });
part("before").addEventListener("click", () => {
  const text = recall();
  if (text === null) return;
  remember(editor.text);
  editor.replace(text);
  editor.focus();
});
for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key === "s")) { event.preventDefault(); judge(); }
});
addEventListener("pagehide", save);
// Another editor may have changed the file meanwhile: where nothing is typed here, the page goes on from it.
addEventListener("focus", async () => {
  if (editor.text !== saved) return;
  try {
    const { text } = await ask("load", { page: data.page });
    if (editor.text === saved && text !== saved) { saved = text; editor.replace(text); say("read again from the file"); }
  } catch { /* the next save says what is wrong */ }
});
document.documentElement.dataset.ready = "yes";
