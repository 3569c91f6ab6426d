"""What the lab shows of runs: the progress and figures of each, without disturbing its training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.runs.folder import Run, check_name
from groundup.runs.locking import LOCK, is_locked
from groundup.tasks.listing import Summary, summarise, summarise_runs


def has_just_begun(run: Run) -> bool:
    """Tell whether a run is being trained and has no weights yet."""
    return not run.has_file("model.safetensors") and is_locked(run.path(LOCK))


def describe_runs(root: Path) -> list[dict[str, Any]]:
    """Return every folder under ``root`` that holds a run, the newest first; a broken one with what is wrong."""
    found = [_describe(summary) for summary in summarise_runs(root)]
    return sorted(found, key=lambda facts: (-facts["changed"], facts["name"]))


def describe_run(root: Path, name: str) -> dict[str, Any]:
    """Return a run's name, task, last figures and state, what it is worth, and what is wrong with it.

    The state is ``"training"``, ``"finished"``, ``"stopped"``, ``"imported"`` or ``"broken"``.
    """
    return _describe(summarise(root / name))


def _describe(summary: Summary) -> dict[str, Any]:
    try:
        check_name(summary.folder.name)  # what cannot be an address has no page
    except UserError as error:
        summary.state, summary.error = "broken", str(error)
    names = ("name", "task", "state", "error", "changed", "outcome")
    return {"last": dict(summary.last), **{name: getattr(summary, name) for name in names}}
