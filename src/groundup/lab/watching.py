"""What the lab tells of runs: how far each one is, and its figures, without disturbing who trains it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from groundup.errors import UserError
from groundup.tasks.launch import finished_report
from groundup.tasks.outcome import tell_outcome
from groundup.training.runs import Run, check_name

RECENT_SECONDS = 60.0


def describe_runs(root: Path) -> list[dict[str, Any]]:
    """Return every folder under ``root`` that holds a run, the newest first; a broken one with what is wrong."""
    found = [describe_run(root, config.parent.name) for config in root.glob("*/config.json")]
    return sorted(found, key=lambda facts: (-facts["changed"], facts["name"]))


def describe_run(root: Path, name: str) -> dict[str, Any]:
    """Return a run's name, task, last figures and state, and what it is worth where it has been trained to its end.

    The state is ``"training"``, ``"finished"``, ``"stopped"`` or ``"broken"``.
    """
    facts: dict[str, Any] = {"name": name, "task": "", "state": "broken", "error": "", "changed": 0.0}
    facts |= {"last": {}, "outcome": ""}
    try:
        check_name(name)
        run = Run.open(root, name)
        facts |= {"task": run.config["task"], "changed": _tell_change(run.folder)}
        metrics = run.metrics()
        training = is_locked(run.path("lock"))
        report = None if training else finished_report(run)
        state = "training" if training else "stopped" if report is None else "finished"
        facts |= {
            "state": state,
            "last": metrics[-1] if metrics else {},
            "outcome": tell_outcome(facts["task"], report),
        }
    except (UserError, OSError) as error:
        facts["error"] = str(error)
    return facts


def is_locked(path: Path) -> bool:
    """Tell whether a process holds a lock file, without taking it for an instant: who begins to train could not then.

    Where the system does not tell (only Linux does), a run that wrote within the last minute counts as training.
    """
    try:
        status = path.stat()
    except OSError:
        return False
    try:
        inode = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        return any(inode in line.split() for line in Path("/proc/locks").read_text().splitlines())
    except OSError:
        return time.time() - _tell_change(path.parent) < RECENT_SECONDS


def _tell_change(folder: Path) -> float:
    """Return when a run's figures or settings last changed."""
    times = [0.0]
    for name in ("metrics.jsonl", "config.json"):
        try:
            times.append((folder / name).stat().st_mtime)
        except OSError:
            continue
    return max(times)
