"""What the command line asks of a task; a new task is one new file that keeps this protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from groundup.base.reporting import Reporter
    from groundup.runs.folder import Run


@dataclass(frozen=True)
class TrainRequest:
    """What the user asked for on the ``train`` command line.

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
        Time budget for the whole schedule; ``None`` takes the steps from the settings.
    """

    data: str | None
    settings: Any
    seed: int = 0
    minutes: float | None = None


@dataclass
class Report:
    """A command's answer, once for people and once for programs.

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
    """

    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    table: tuple[list[str], list[list[str]]] | None = None
    passed: bool = True


class Task(Protocol):
    """One real job: data, model, loss, metric and prediction.

    A module ``groundup.tasks.NAME`` holds an object ``task`` that keeps this protocol.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    settings_type: ClassVar[type]

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``; where ``run`` holds a checkpoint, go on from it."""

    def predict(self, run: Run, inputs: list[str], reporter: Reporter) -> Report:
        """Predict for inputs given on the command line (paths, rows or texts)."""

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure the run on data; pictures go to ``folder``."""

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the run's curves into ``folder`` and return the files' paths."""
