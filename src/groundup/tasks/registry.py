"""The tasks by name. A new task is a package beside this module, and a line here."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from groundup.base.errors import UserError

if TYPE_CHECKING:
    from groundup.runs.folder import Run
    from groundup.tasks.protocol import About, Task

TASKS = (
    "regression",
    "classification",
    "digits",
    "sentiment",
    "gpt",
    "chat",
    "sums",
    "reward",
)


def find_about(name: str) -> About:
    """Return the description of the task called ``name`` (or formerly so called), without loading heavy packages.

    Raises
    ------
    UserError
        There is no such task.
    """
    known = _names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"The tasks are {', '.join(TASKS)}."
        raise UserError(f'No task called "{name}". {hint}')
    return _load_about(known[name])


def find_task(name: str) -> Task:
    """Return the task called ``name``; only its own module is imported.

    Raises
    ------
    UserError
        There is no such task.
    """
    task: Task = import_module(f"groundup.tasks.{find_about(name).name}.task").task
    return task


def list_tasks() -> list[About]:
    """Return the description of every task."""
    return [_load_about(name) for name in TASKS]


def check_task(run: Run, name: str) -> None:
    """Refuse a run of another task than ``name``.

    Raises
    ------
    UserError
        It is one.
    """
    found = find_about(run.config["task"]).name
    if found != name:
        raise UserError(f"{run.folder} is a run of {found}, not of {name}. Choose another run.")


@cache
def _names() -> dict[str, str]:
    """Return name or alias → name."""
    return {known: about.name for about in list_tasks() for known in (about.name, *about.aliases)}


def _load_about(name: str) -> About:
    about: About = import_module(f"groundup.tasks.{name}.about").about
    return about
