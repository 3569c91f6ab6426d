"""What the shell suggests while a command is typed: names of runs, exercises, steps, data, tasks and formats.

A key press waits for this: nothing heavy is loaded, and what cannot be read suggests nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import typer


def complete_run(context: typer.Context, incomplete: str) -> list[str]:
    """Return the runs in the folder that the command line, or else the environment, names."""
    parent = context.parent.params if context.parent else {}
    folder = context.params.get("runs") or parent.get("runs") or os.environ.get("GROUNDUP_RUNS") or "runs"
    try:
        found = [path.name for path in Path(folder).expanduser().iterdir() if (path / "config.json").exists()]
    except OSError:
        return []
    return _choose(found, incomplete)


def complete_exercise(incomplete: str) -> list[str]:
    """Return the exercises, in the course's order."""
    from groundup.course import EXERCISES

    return _choose(EXERCISES, incomplete, in_order=True)


def complete_step(incomplete: str) -> list[str]:
    """Return the steps of the course and the exercises."""
    from groundup.course import EXERCISES, TOPICS

    return _choose({*EXERCISES, *(step for topic in TOPICS for step in topic.steps)}, incomplete)


def complete_data(incomplete: str) -> list[str]:
    """Return the names of data that can be downloaded; for everything else the shell suggests files."""
    from groundup.base.errors import UserError
    from groundup.data.named.catalogue import read_catalogue

    try:
        return _choose(read_catalogue(), incomplete)
    except UserError:  # an own catalogue with a mistake: the command says so
        return []


def complete_task(incomplete: str) -> list[str]:
    """Return what can be trained."""
    from groundup.tasks.registry import TASKS

    return _choose(TASKS, incomplete, in_order=True)


def complete_format(incomplete: str) -> list[str]:
    """Return the formats of an export."""
    from groundup.tasks.registry import list_tasks

    return _choose({name for about in list_tasks() for name in about.exports}, incomplete)


def _choose(names: Iterable[str], incomplete: str, in_order: bool = False) -> list[str]:
    found = [name for name in names if name.startswith(incomplete)]
    return found if in_order else sorted(found)
