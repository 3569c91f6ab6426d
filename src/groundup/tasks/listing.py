"""Summaries of runs for the command line and the lab: the progress of each, and its faults.

One run that is damaged, or has diverged, never hides another: whatever happens, its own line says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.runs.folder import Run, list_folders, show_path
from groundup.runs.locking import LOCK, find_last_change, is_locked
from groundup.tasks.figures import say_figures
from groundup.tasks.opening import check_model
from groundup.tasks.registry import find_about
from groundup.tasks.reports import format_headline, read_report


@dataclass
class Summary:
    """How far a run is.

    Attributes
    ----------
    folder : Path
        Where it lies.
    name, task : str
        What it is called, and what it does; the task is empty if that cannot be found.
    state : str
        ``"training"``, ``"finished"``, ``"stopped"``, ``"imported"`` or ``"broken"``.
    outcome : str
        What it is worth, where it has been trained to its end.
    last : dict
        Its last figures.
    error : str
        What is wrong with it, and what to do; empty if nothing is.
    changed : float
        When it last changed, in seconds since 1970.
    begun_from : str
        Whose weights it began with; empty if it began from nothing.
    """

    folder: Path
    name: str
    task: str = ""
    state: str = "broken"
    outcome: str = ""
    last: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    changed: float = 0.0
    begun_from: str = ""

    @property
    def progress(self) -> str:
        """The state in words, with the step where that says more."""
        step = self.last.get("step", 0)
        return {"stopped": f"stopped at step {step}", "training": f"training, step {step}"}.get(self.state, self.state)

    @property
    def figures(self) -> list[str]:
        """The last figures in words."""
        return say_figures(find_about(self.task).curves, self.last) if self.last else []


def summarise_runs(root: Path) -> list[Summary]:
    """Return a summary of every folder under ``root`` that holds a run, by name."""
    return [summarise(folder) for folder in list_folders(root)]


def summarise(folder: Path) -> Summary:
    """Return the summary of the run that a folder holds."""
    found = Summary(folder, show_path(folder.name))
    try:
        run = Run.open(folder.parent, str(folder))
        found.changed, found.task = find_last_change(folder), str(run.config["task"])
        found.task = find_about(found.task).name
        found.begun_from = run.begun_from or ""
        check_model(run)
        found.last = next(reversed(run.metrics()), {})
        found.state = _format_state(run)
        report = None
        try:
            report = read_report(run) if found.state != "training" else None
        except UserError as error:
            found.error = str(error)
        if report is not None and found.state == "stopped":
            found.state = "finished"
        found.outcome = format_headline(found.task, report)
        found.error = found.error or find_flaw(run) or _format_divergence(found.last)
    except (UserError, OSError) as error:
        found.state, found.error = "broken", str(error)
    return found


def find_steps(run: Run) -> int | None:
    """Return how many steps a run is trained for; ``None`` where its task does not count them."""
    if changes := run.config.get("changes"):
        return int(changes[-1][1])
    steps: int | None = run.config.get("steps") or run.config.get("settings", {}).get("steps")
    return steps


def list_settings(run: Run) -> dict[str, Any]:
    """Return the settings of a run that have a value."""
    return {name: value for name, value in run.config.get("settings", {}).items() if value not in (None, "")}


def find_flaw(run: Run) -> str:
    """Return what is wrong with the lines that a run logged; empty if nothing is wrong."""
    try:
        return run.read_figures().damaged or run.read_samples().damaged
    except UserError as error:
        return str(error)


def _format_state(run: Run) -> str:
    if run.imported_from is not None:
        return "imported"
    if run.quantised_from is not None:
        return "finished"
    return "training" if is_locked(run.path(LOCK)) else "stopped"


def _format_divergence(last: Mapping[str, Any]) -> str:
    wrong = next((name for name, value in last.items() if not math.isfinite(value)), None)
    if wrong is None:
        return ""
    return (
        f"Its {wrong.replace('_', ' ')} is {last[wrong]} at step {last['step']}: the learning rate was too large. "
        "Train again with a third of it, --set learning_rate=…"
    )
