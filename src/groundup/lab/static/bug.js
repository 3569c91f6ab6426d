// Find the bug: a program with one wrong line. The line is chosen, then mended in the editor and judged.
import { makeEditor } from "/static/editor.js";
import { askJson } from "/static/tools.js";
import { findLine, showVerdict } from "/static/verdict.js";
import { element } from "/static/views/elements.js";

const part = (id) => document.getElementById(id);
const ask = (path, body) => askJson(`/api/practice/${path}`, body);
let bug = null;
let editor = null;
let saved = "";
let later;
let judging = false;

async function open() {
  await save();
  bug = null;
  part("bug").hidden = true;
  part("refused").textContent = "";
  part("waiting").hidden = false;
  try {
    bug = await ask("bug", { exercise: part("exercise").value });
    show();
  } catch (error) {
    part("refused").textContent = error.message;
  }
  part("waiting").hidden = true;
  document.documentElement.dataset.ready = "yes";
}

function show() {
  part("bug").hidden = false;
  part("bug-title").textContent = bug.title;
  part("bug-exercise").href = `/exercises/${bug.exercise}/?from=bug`;
  const shown = part("shown");
  shown.replaceChildren();
  for (const [name, value, kind] of [...bug.inputs.map(([name, value]) => [name, value, ""]), ["it gives", bug.got, "wrong"], ["right is", bug.expected, "good"]]) {
    const told = element("dd", kind);
    told.append(element("pre", "", value));
    shown.append(element("dt", "", name), told);
  }
  part("lines").replaceChildren(...bug.lines.map(makeLine));
  part("told").textContent = "";
  part("told").className = "told";
  part("verdict").className = "verdict-box";
  part("verdict").replaceChildren(element("p", "soft", "Mend the line in the editor, then press Judge."));
  part("editor").replaceChildren();
  saved = bug.text;
  editor = makeEditor(part("editor"), bug.text, { judge, changed });
  for (const id of ["judge", "restore", "give-up"]) part(id).disabled = false;
  part("lines-form").querySelector("button").disabled = false;
  say(`bugs/${bug.exercise.replaceAll("-", "_")}.py`, bug.note);
}

function makeLine(html, place) {
  const line = element("label", "line");
  const choice = Object.assign(element("input"), { type: "radio", name: "line", value: place + 1 });
  choice.setAttribute("aria-label", `line ${place + 1}: ${bug.planted.split("\n")[place].trim() || "empty"}`);
  choice.disabled = !bug.planted.split("\n")[place].trim();
  const code = element("code", "code");
  code.innerHTML = html || " "; // rendered by the lab from its own files
  line.append(choice, element("span", "line-number", String(place + 1)), code);
  return line;
}

function say(text, wrong = "") {
  part("saved").textContent = text;
  part("note").textContent = wrong;
}

function changed() {
  say("…");
  clearTimeout(later);
  later = setTimeout(save, 700);
}

async function save() {
  clearTimeout(later);
  if (!bug || !editor || editor.text === saved) { if (bug) say("saved"); return; }
  const text = editor.text;
  try {
    const found = await ask("bug/save", { exercise: bug.exercise, page: bug.page, text });
    saved = text;
    say(`saved in ${found.file}`, found.note);
  } catch (error) {
    say("not saved", error.message);
  }
}

async function chooseLine(event) {
  event.preventDefault();
  const chosen = part("lines").querySelector("input:checked");
  if (!bug || !chosen) { part("told").textContent = "Choose a line first."; return; }
  try {
    const { right } = await ask("bug/line", { exercise: bug.exercise, line: Number(chosen.value) });
    for (const one of part("lines").children) one.classList.remove("found", "missed");
    chosen.closest("label").classList.add(right ? "found" : "missed");
    part("told").className = `told ${right ? "good" : "bad"}`;
    part("told").textContent = right
      ? `Yes, it is line ${chosen.value}. Mend it in the editor.`
      : `No: line ${chosen.value} is as it should be. Follow the input through the code, line by line.`;
    if (right) editor.mark(Number(chosen.value), "This line is wrong.");
  } catch (error) {
    part("told").textContent = error.message;
  }
}

async function judge() {
  if (judging || !bug || part("judge").disabled) return;
  judging = true;
  clearTimeout(later);
  part("judge").setAttribute("aria-busy", "true");
  const text = editor.text;
  try {
    const verdict = await ask("bug/judge", { exercise: bug.exercise, page: bug.page, text });
    saved = text;
    say(verdict.mended ? "" : `saved in ${verdict.file}`, verdict.note);
    showVerdict(part("verdict"), verdict);
    editor.mark(findLine(verdict), verdict.headline);
    if (verdict.mended) finish(verdict.mended, "Mended.");
  } catch (error) {
    say("", error.message);
  }
  part("judge").removeAttribute("aria-busy");
  judging = false;
}

async function giveUp() {
  if (!bug) return;
  try {
    const { mended } = await ask("bug/give-up", { exercise: bug.exercise });
    part("verdict").className = "verdict-box";
    part("verdict").replaceChildren();
    finish(mended, "This was the mistake. The exercise comes back in your reviews tomorrow.");
  } catch (error) {
    say("", error.message);
  }
}

function finish(mended, said) {
  const box = element("div", "mended");
  box.append(element("h3", "", said));
  for (const [name, html, kind] of [[`line ${mended.line} was`, mended.wrong, "gone"], ["what belongs there", mended.belongs, "came"]]) {
    const line = element("pre", kind);
    const code = element("code", "code");
    code.innerHTML = html; // rendered by the lab from its own files
    line.append(code);
    box.append(element("p", "soft", name), line);
  }
  if (mended.mistake) box.append(element("p", "", `It is a known mistake: ${mended.mistake}.`));
  const onward = Object.assign(element("button", "main-button", "Another bug"), { type: "button", id: "another" });
  onward.addEventListener("click", open);
  box.append(onward);
  part("verdict").append(box);
  for (const one of part("lines").children) one.classList.remove("found", "missed");
  part("lines").children[mended.line - 1]?.classList.add("found");
  for (const id of ["judge", "restore", "give-up"]) part(id).disabled = true;
  part("lines-form").querySelector("button").disabled = true;
  bug = null;
  clearTimeout(later);
  onward.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

part("lines-form").addEventListener("submit", chooseLine);
part("choose").addEventListener("submit", (event) => event.preventDefault());
part("exercise").addEventListener("change", open);
part("judge").addEventListener("click", judge);
part("give-up").addEventListener("click", giveUp);
part("restore").addEventListener("click", () => { if (bug) { editor.replace(bug.planted); editor.focus(); } });
addEventListener("pagehide", save);
open();
