"""What every lesson is made of: the steps' code shown from itself, pictures, and an exercise judged in the page."""

from __future__ import annotations

import atexit
import base64
import html
import inspect
import io
import itertools
import os
import re
import textwrap
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import marimo as mo
import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text

from groundup import __version__
from groundup.base.cache import cache_folder
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.exercises.registry import load_exercise
from groundup.exercises.workspace import Workspace
from groundup.judge.explain.printing import write_html
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge
from groundup.lessons import open_pages
from groundup.lessons.answers import Saved, load_answer, record_verdict, save_answer
from groundup.lessons.registry import LESSONS
from groundup.runs.folder import Run, list_runs
from groundup.tasks.launch import launch
from groundup.tasks.reports import finished_report

Step = TypeVar("Step")
# Readable on white and on black.
INK = "#767e89"
LARGER = 1.15
STYLE = (Path(__file__).parent / "lesson.css").read_text(encoding="utf-8")
# From nothing to blue, so that little is as pale on a black page as on a white one.
BLUES = LinearSegmentedColormap.from_list("blues", ["#2563eb00", "#2563ebff"])
BLUE, ORANGE, GREEN, RED, PURPLE = "#3b82f6", "#f97316", "#22a55b", "#e5484d", "#a855f7"
ANSWERS, RUNS = "GROUNDUP_ANSWERS", "GROUNDUP_RUNS"
# Trained in some seconds, where the learner has no run yet to look into.
SMALL = {"gpt": ["layers=2", "steps=150"], "digits": [], "sentiment": []}


def is_watched() -> bool:
    """Tell whether the page of the lesson that asks is open; True where there is no page, as in a script."""
    page = find_page()
    return page is None or open_pages.is_open(page)


def find_page() -> str | None:
    """Return the name of the page of the lesson that asks; None where there is no page, as in a script."""
    request = mo.app_meta().request
    page = request.meta.get(open_pages.KEY) if request is not None else None
    return None if page is None else str(page)


def while_watched(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield from steps, of a training, say, until the lesson's page is closed."""
    return itertools.takewhile(lambda _: is_watched(), steps)


def show_source(*pieces: Any) -> mo.Html:
    """Return the code of functions or classes as it stands in their files, so that it is what runs."""
    parts = []
    for piece in pieces:
        piece = inspect.unwrap(piece)
        file = Path(inspect.getsourcefile(piece) or "")
        _, line = inspect.getsourcelines(piece)
        source = textwrap.dedent(inspect.getsource(piece))
        parts.append(f"**`steps/{file.parent.name}/{file.name}`**, line {line}\n\n```python\n{source}```")
    return mo.accordion({"The step's code": mo.md("\n\n".join(parts))})


def make_axes(width: float = 9, height: float = 3.6, columns: int = 1, **more: Any) -> tuple[Figure, Any]:
    """Return an empty figure (inches) and its axes, one or a list; ``more`` goes to `Figure.subplots`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, columns, **more)


def suit_both_pages(figure: Figure) -> None:
    """Colour a figure's words and lines so that a light and a dark page suit them; large enough for a phone."""
    lines = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    ticks = {axis: float(label.get_fontsize()) for axis in lines for label in axis.get_ticklabels()[:1]}
    for text in figure.findobj(Text):
        text.set_fontsize(float(text.get_fontsize()) * LARGER)
        if text.get_color() in ("black", "k", "#000000"):
            text.set_color(INK)
    for axis, size in ticks.items():
        axis.set_tick_params(labelsize=size * LARGER)  # ticks come and go until it is drawn
    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.tick_params(which="both", colors=INK)
        for side in axes.spines.values():
            side.set(color=INK, alpha=0.5)
        if legend := axes.get_legend():
            over = bool(axes.images or axes.collections)  # a coloured surface, that is
            legend.get_frame().set(facecolor="#ffffff" if over else "none", edgecolor="none", alpha=0.85)
            for text in legend.get_texts():
                text.set_color("#30363d" if over else INK)


def show_figure(figure: Figure, words: str) -> mo.Html:
    """Return a figure as a picture, with words for those who cannot see it."""
    suit_both_pages(figure)
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=130, transparent=True)
    data = base64.b64encode(held.getvalue()).decode()
    text = html.escape(words, quote=True)
    width = int(figure.get_figwidth() * 100)
    return mo.Html(
        # On a phone it keeps a size at which its words can be read, and is pushed sideways.
        f'<div style="overflow-x:auto"><img alt="{text}" src="data:image/png;base64,{data}" '
        f'style="width:{width}px;height:auto;max-width:max(100%, min({width}px, 44rem))"></div>'
    )


def smooth(losses: list[float], width: int) -> tuple[range, torch.Tensor]:
    """Return the means of each so many losses in a row, and the steps at which each of these rows ends."""
    means = torch.tensor(losses).unfold(0, min(width, len(losses)), 1).mean(1)
    return range(len(losses) - len(means) + 1, len(losses) + 1), means


def show_blanks(text: str) -> str:
    """Return a text whose spaces and line ends can be seen."""
    return text.replace(" ", "␣").replace("\n", "⏎")


def name_token(text: str) -> str:
    """Return a token as a picture can show it: its blanks to be seen, and nothing taken for a formula."""
    return show_blanks(text).replace("$", r"\$")


def show_text(text: str) -> mo.Html:
    """Return a text as it is, whatever is in it."""
    return mo.Html(f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{html.escape(text)}</pre>')


def refuse(error: UserError) -> mo.Html:
    """Return what is wrong with something typed; what was typed may be in it, so it is no markdown."""
    return mo.callout(mo.Html(f"<p>{html.escape(str(error))}</p>"), kind="warn")


def say(kind: str, text: str) -> mo.Html:
    """Return a remark in a box: ``"info"``, ``"success"``, ``"warn"`` or ``"danger"``."""
    return mo.callout(mo.md(text), kind=kind)  # type: ignore[arg-type]


def find_workspace() -> Workspace | None:
    """Return the learner's folder, which the lab names; None where the lesson runs by itself."""
    folder = os.environ.get(ANSWERS)
    return Workspace(Path(folder)) if folder else None


def make_editor(name: str) -> Any:
    """Return a form that holds the learner's answer to an exercise so far, or its stub."""
    workspace = find_workspace()
    text, note = load_answer(workspace, name, find_page() or "") if workspace else (None, "")
    text = load_exercise(name).read("stub.py") if text is None else text
    label = f"Your answer (Esc, then Tab, leaves it){note}"
    editor = mo.ui.code_editor(value=text, language="python", min_height=160, label=label)
    return editor.form(submit_button_label="Judge it", bordered=False)


def show_task(name: str) -> mo.Html:
    """Return an exercise's statement and its hints, folded."""
    exercise = load_exercise(name)
    stages = {f"Hint {number}": mo.md(hint) for number, hint in enumerate(exercise.hints(), 1)}
    statement = re.sub(r"^#", "###", exercise.read("statement.md"), flags=re.MULTILINE)
    stated = mo.Html(f'<div class="statement">{mo.md(statement).text}</div>')
    home = '<a class="way-home" href="/">← groundup</a>' if find_workspace() else ""
    wrapped = mo.Html(f"<style>{STYLE}</style>{home}")
    return mo.vstack([wrapped, mo.md("## Write it yourself"), stated, mo.accordion(stages)])


def judge_answer(name: str, source: str | None) -> mo.Html:
    """Return the judge's verdict on an answer; nothing before there is one.

    In the lab the answer is saved in the learner's folder first; see `groundup.lessons.answers`.
    """
    workspace = find_workspace()
    if source is None:
        links = f"\n\n{lead_on(name)}" if workspace else ""
        return mo.md(f"*Write your answer above, then press “Judge it”.*{links}")
    exercise = load_exercise(name)
    saved = Saved(Path(f"{exercise.name}.py"))
    if workspace:
        try:
            saved = save_answer(workspace, name, find_page() or "", source)
        except UserError as error:
            return refuse(error)
    verdict = warm_judge().judge(exercise.name, source, CheckOptions(naming_seconds=1.0), ("numpy", "torch"))
    told = mo.callout(show_verdict(exercise, verdict, saved.path), kind="success" if verdict.accepted else "warn")
    if workspace is None:
        return told
    record_verdict(workspace, exercise.name, source, verdict.accepted)
    notes = [refuse(UserError(saved.note))] if saved.note else []
    return mo.vstack([*notes, told, mo.md(lead_on(name))])


def lead_on(exercise: str) -> str:
    """Return links from an exercise's lesson to the next one, and back to the lab."""
    place = next(number for number, lesson in enumerate(LESSONS) if exercise in lesson.exercises)
    following = LESSONS[place + 1 : place + 2]
    links = [f"Next: [{lesson.title}](/lessons/{lesson.name}/)" for lesson in following]
    return " · ".join([*links, "[back to the lab](/)"])


def show_verdict(exercise: Any, verdict: Any, path: Path) -> mo.Html:
    """Return a verdict as the command line tells it."""
    told = write_html(exercise, verdict, path)
    return mo.Html(f'<pre style="white-space:pre-wrap;margin:0;font-size:0.85rem">{told}</pre>')


@cache
def warm_judge() -> WarmJudge:
    """Return the judge of all lessons."""
    standing = WarmJudge(load_exercise)
    atexit.register(standing.close)
    return standing


def close() -> None:
    """End the process that answers run in, if there is one."""
    warm_judge().close()


def open_trained(task: str) -> Run:
    """Return a trained run of a task: the learner's latest, or else a small one, trained once and kept.

    Parameters
    ----------
    task : str
        ``"gpt"``, ``"digits"`` or ``"sentiment"``.
    """
    mine = [run for run in list_runs(find_runs_folder()) if run.config["task"] == task and finished_report(run)]
    if mine:
        return max(mine, key=lambda run: run.path("report.json").stat().st_mtime_ns)
    root = cache_folder() / f"lessons-{__version__}"
    with _training:
        if (root / task).is_dir() and finished_report(Run.open(root, task)):
            return Run.open(root, task)
        run, _ = launch(task, root=root, name=task, pairs=SMALL[task], resume=True, reporter=Reporter.silent())
    return run


def name_run(run: Run) -> mo.Html:
    """Return a line that names the run which a lesson looks into."""
    if run.folder.parent == find_runs_folder():
        return mo.md(f"*This is your run {run.name}.*")
    return mo.md("*You have no run of this kind yet: a small one was trained for this lesson.*")


_training = threading.Lock()


def find_runs_folder() -> Path:
    """Return the folder of the learner's runs, which the lab names."""
    return Path(os.environ.get(RUNS, "runs"))
