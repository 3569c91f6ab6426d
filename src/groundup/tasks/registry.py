"""The tasks by name. A new task adds its line here and one module beside this one."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING

from groundup.base.errors import UserError

if TYPE_CHECKING:
    from groundup.tasks.protocol import Task

TASKS = {
    "heights": "any number from a table: linear regression with its weights read back in words",
    "digits": "handwritten digits, or any small pictures in folders",
    "sentiment": "is a sentence positive or negative, and which words say so",
    "gpt": "a GPT of any text, that writes more of it",
}

_PACKAGES = {"heights": "regression"}


def find_task(name: str) -> Task:
    """Return the task called ``name``; only its own module is imported.

    Raises
    ------
    UserError
        There is no such task.
    """
    if name not in TASKS:
        near = difflib.get_close_matches(name, TASKS, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"The tasks are {', '.join(TASKS)}."
        raise UserError(f'No task called "{name}". {hint}')
    task: Task = import_module(f"groundup.tasks.{_PACKAGES.get(name, name)}.task").task
    return task
