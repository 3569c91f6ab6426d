"""What the lab shows of runs: the progress and figures of each, without disturbing its training."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.runs.folder import METRICS, Run, check_name
from groundup.runs.locking import LOCK, is_locked
from groundup.tasks.listing import Summary, find_steps, list_settings, summarise, summarise_runs
from groundup.tasks.registry import find_about, find_task

# The speed is that of so many last lines: a machine becomes slower or faster on the way.
SPEED_LINES = 6


def estimate_seconds_left(run: Run, metrics: Sequence[Mapping[str, Any]]) -> float | None:
    """Return how long a run still trains at the speed of its last lines, in seconds; ``None`` if that is not known.

    Parameters
    ----------
    run : Run
        In training.
    metrics : sequence of mapping
        The lines it has logged.
    """
    steps = find_steps(run)
    timed = [line for line in metrics if "step" in line and "seconds" in line][-SPEED_LINES:]
    if not timed or not steps:
        return None
    last = timed[-1]
    first = timed[0] if len(timed) > 1 else {"step": 0, "seconds": 0.0}
    taken = last["step"] - first["step"]
    if taken <= 0:
        return None
    since = time.time() - run.path(METRICS).stat().st_mtime
    left = (steps - last["step"]) * (last["seconds"] - first["seconds"]) / taken
    return max(0.0, float(left) - since)


def has_just_begun(run: Run) -> bool:
    """Tell whether a run is being trained and has no weights yet."""
    return not run.has_file("model.safetensors") and is_locked(run.path(LOCK))


def describe_runs(root: Path) -> list[dict[str, Any]]:
    """Return every folder under ``root`` that holds a run, the newest first; a broken one with what is wrong."""
    found = [_describe(summary) for summary in summarise_runs(root)]
    return sorted(found, key=lambda facts: (-facts["changed"], facts["name"]))


def describe_run(root: Path, name: str) -> dict[str, Any]:
    """Return a run's name, task, last figures, also in words, and state, what it is worth, and what is wrong with it.

    The state is ``"training"``, ``"finished"``, ``"stopped"``, ``"imported"`` or ``"broken"``.
    """
    return _describe(summarise(root / name))


def _describe(summary: Summary) -> dict[str, Any]:
    try:
        check_name(summary.folder.name)  # what cannot be an address has no page
    except UserError as error:
        summary.state, summary.error = "broken", str(error)
    names = ("name", "task", "state", "error", "changed", "outcome", "begun_from")
    return {"last": dict(summary.last), "figures": summary.figures, **{name: getattr(summary, name) for name in names}}


def describe_curves(task: str) -> list[dict[str, str]]:
    """Return the figures that runs of a task log: the key of each, its name, and the chart it is drawn in."""
    return [{"key": key, "name": curve.name, "chart": curve.chart} for key, curve in find_about(task).curves.items()]


def describe_settings(run: Run) -> list[dict[str, str]]:
    """Return the settings of a run that have a value: the name of each in words, its value, and what it does."""
    fields = {field.name: field for field in dataclasses.fields(find_task(run.config["task"]).settings_type)}
    return [
        {
            "name": name.replace("_", " "),
            "value": format_value(value),
            "about": fields[name].metadata["explanation"] if name in fields else "",
        }
        for name, value in list_settings(run).items()
    ]


def format_value(value: Any) -> str:
    """Return a setting's value as a person writes it.

    Examples
    --------
    >>> format_value(True), format_value(2000000), format_value(0.006), format_value("auto")
    ('yes', '2,000,000', '0.006', 'auto')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
