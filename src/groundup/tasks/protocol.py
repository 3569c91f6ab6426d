"""What a task is: everything that the rest of the program asks of it.

A task is a package ``groundup.tasks.NAME`` with two modules: ``about``, light, holds an `About` named ``about``;
``task`` holds an object named ``task`` that keeps the protocol `Task`. A line in `groundup.tasks.registry` makes it
known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from groundup.base.errors import UserError
from groundup.base.shape import Shape
from groundup.tasks.figures import Curve

if TYPE_CHECKING:
    from groundup.base.reporting import Reporter
    from groundup.parts.swap import PartFile
    from groundup.runs.folder import Run

# Kinds of data, as `groundup.data.named.catalogue` has them.
TABLE, PICTURES, SENTENCES, TEXT = "table", "pictures", "sentences", "text"
MOST_SHOWN = 60  # characters of bad input


@dataclass(frozen=True)
class About:
    """The description of a task without loading what it computes with.

    Attributes
    ----------
    name : str
        What it is called.
    summary : str
        What it does, in a line.
    report : Shape
        What ``report.json`` must hold for ``headline``.
    headline : callable
        From a finished run's report to what the run is worth, in a few words: measured on what it did not learn from.
    model : Shape
        What ``config.json`` may hold under "model".
    curves : mapping
        The figures that its runs log while they train, what counts most first.
    form : str
        Its form in the lab: the template ``lab/templates/forms/NAME.html`` and the function of that name in ``run.js``.
    data : tuple of str
        The kinds of data it reads, its own first.
    aliases : tuple of str
        Other names that it goes by; runs of these names are runs of this task.
    built_in : mapping
        Names of data that come with the program → what they are.
    options : tuple of str
        Settings that ``groundup train`` has options of the same name for.
    parts : tuple of str
        Which of the learner's own parts can stand in.
    kept_parts : tuple of str
        Which of them a run takes over from the run that it begins with.
    parts_preset : str or None
        The preset whose parts can be exchanged, where not all have some.
    exports : tuple of str
        The formats that its runs can be written in.
    one_process : bool
        Whether it cannot be trained by several processes.
    one_pass : bool
        Whether it learns in one pass and keeps no checkpoint: an interrupted run starts again.
    clustered : bool
        Whether a cluster can do a part of its work.
    writes : bool
        Whether its runs are GPTs with a tokenizer, which `groundup.tasks.gpt.runs.open_gpt` opens.
    begins_from : {"no", "may", "must"}
        Whether a run begins with the weights of another one (``--from``).
    begins_after : str
        The task whose runs it mostly begins with.
    inherited : tuple of str
        Settings that it takes over from the run that it begins with, and that this one must pass on.
    passed_on : tuple of str
        Settings that decide what its weights have learned: a run that begins with them takes these over.
    """

    name: str
    summary: str
    report: Shape
    headline: Callable[[Mapping[str, Any]], str]
    model: Shape
    curves: Mapping[str, Curve]
    form: str
    data: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    built_in: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    kept_parts: tuple[str, ...] = ()
    parts_preset: str | None = None
    exports: tuple[str, ...] = ()
    one_process: bool = False
    one_pass: bool = False
    clustered: bool = False
    writes: bool = False
    begins_from: str = "no"
    begins_after: str = "gpt"
    inherited: tuple[str, ...] = ()
    passed_on: tuple[str, ...] = ()

    @property
    def known_parts(self) -> tuple[str, ...]:
        """The learner's own parts that a run may hold."""
        return (*self.parts, *self.kept_parts)


@dataclass(frozen=True)
class TrainRequest:
    """The options of the ``train`` command.

    Attributes
    ----------
    data : str or None
        A path, a built-in source's name, or ``None`` for the task's built-in default.
    settings : Any
        The task's own settings, an instance of its ``settings_type``, already checked for names
        and types.
    seed : int
        Seeds everything random in the run.
    minutes : float or None
        Time budget for the whole training; ``None`` takes the steps from the settings.
    started : float
        The time at which the budget began, on the clock of `time.monotonic`.
    cluster : str or None
        The address of a Dask scheduler whose workers do what can be shared out; no part of what a run is.
    """

    data: str | None
    settings: Any
    seed: int = 0
    minutes: float | None = None
    started: float = field(default_factory=time.monotonic)
    cluster: str | None = None


@dataclass(frozen=True)
class Origin:
    """What a new run begins with instead of nothing: the weights of another run, or of a checkpoint.

    Attributes
    ----------
    source : str
        Where they come from.
    fixed : mapping
        Settings that the weights decide, with their values.
    defaults : mapping
        Settings whose defaults they change.
    config : mapping
        What ``config.json`` says of them.
    task : str
        The task that they were trained for; empty where nobody knows.
    data : str or None
        What they were trained on.
    fill : callable
        Copies them into the new run's folder.
    parts : tuple of PartFile
        The learner's own parts that only these weights fit.
    """

    source: str
    fixed: Mapping[str, Any]
    defaults: Mapping[str, Any]
    config: Mapping[str, Any]
    task: str
    data: str | None
    fill: Callable[[Run], None]
    parts: tuple[PartFile, ...] = ()


@dataclass
class Report:
    """A command's answer, in one form for people and in one for programs.

    Attributes
    ----------
    facts : dict
        JSON-ready figures: what ``--json`` prints.
    lines : list of str
        The same in words, a line each (rich markup allowed): what a person sees.
    table : tuple or None
        ``(column names, rows)`` of strings for a table under the lines.
    passed : bool
        ``False`` where the answer is "no": the command then exits with code 1.
    refused : list of str
        What was asked and is bad input, a line each: the rest is answered, and the command then exits with code 2.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    table: tuple[list[str], list[list[str]]] | None = None
    passed: bool = True
    refused: list[str] = field(default_factory=list)


class Predictions(Protocol):
    """What a task has predicted: a dataclass of its own."""

    def report(self) -> Report:
        """Return it in words and in figures."""
        ...


class Task(Protocol):
    """One real job: data, model, loss, metric and prediction."""

    name: ClassVar[str]
    settings_type: ClassVar[type]

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``; if ``run`` holds a checkpoint, resume from it."""

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[Any]:
        """Read what was typed after ``groundup predict RUN`` (paths, rows or texts) as what `predict` takes."""

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[Any]:
        """Convert what was typed or drawn on a run's page to the input of `predict`; it can never name a file."""

    def predict(self, run: Run, inputs: Sequence[Any]) -> Predictions:
        """Predict for inputs of the task's own type."""

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure the run on data; pictures go to ``folder``."""

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the run's curves into ``folder`` and return the files' paths."""

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return what the form's template is filled in with."""


def predict_words(task: Task, run: Run, words: Sequence[str], reporter: Reporter) -> Report:
    """Return the answer to what was typed after ``groundup predict RUN``; bad input does not hide the other answers.

    Raises
    ------
    UserError
        Nothing of it can be predicted, for one reason.
    """
    try:
        return task.predict(run, task.parse(run, words, reporter)).report()
    except UserError:
        if len(words) < 2:
            raise
    refused = _find_refused(task, run, words)
    if len(refused) == len(words) and len({str(error) for error in refused.values()}) == 1:
        raise refused[0]
    good = [word for place, word in enumerate(words) if place not in refused]
    report = task.predict(run, task.parse(run, good, reporter)).report() if good else Report({"predictions": []})
    report.facts["refused"] = [{"input": words[place], "error": str(error)} for place, error in refused.items()]
    report.refused = [_name_input(words[place], str(error)) for place, error in refused.items()]
    return report


def _find_refused(task: Task, run: Run, words: Sequence[str], first: int = 0) -> dict[int, UserError]:
    """Return the places of words that cannot be predicted, and why: each half by itself, as most have no fault."""
    from groundup.base.reporting import Reporter

    try:
        task.predict(run, task.parse(run, words, Reporter.silent())).report()
        return {}
    except UserError as error:
        if len(words) == 1:
            return {first: error}
    half = len(words) // 2
    left, right = _find_refused(task, run, words[:half], first), _find_refused(task, run, words[half:], first + half)
    return left | right


def _name_input(word: str, message: str) -> str:
    shown = word if len(word) <= MOST_SHOWN else f"{word[:MOST_SHOWN]}…"
    return message if shown in message else f'"{shown}": {message}'
