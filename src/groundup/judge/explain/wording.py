"""What a verdict says besides mistakes: how an answer ended, what was lent to it, sizes in a mistake's text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from groundup.judge.exercise import Case, Exercise
from groundup.judge.isolation.fork_server import AnswerDied
from groundup.judge.isolation.lending import USUAL, write_import


def describe_forbidden(name: str) -> str:
    """Return what is said of an answer that calls what the statement forbids."""
    return f"{name[:200]} is what this exercise asks you to write: do without it."


def describe_lent(lent: dict[str, Any]) -> list[str]:
    """Return remarks on names that an answer uses without importing them, and on imports of what is not installed."""
    names = [str(name) for name in lent.get("names", []) if str(name) in USUAL]
    remarks = []
    if names:
        told = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        imports = ", ".join(f"`{statement}`" for statement in dict.fromkeys(map(write_import, names)))
        remarks.append(
            f"It uses {told} without importing {'them' if len(names) > 1 else 'it'}. The course's site has them at "
            f"hand, so that is accepted; a file of your own needs {imports}."
        )
    if absent := [str(name)[:80] for name in lent.get("absent", [])]:
        told = ", ".join(absent)
        remarks.append(f"It imports {told}, not installed here: that does no harm as long as nothing of it is used.")
    return remarks


def find_sizes(exercise: Exercise, case: Case) -> dict[str, int]:
    """Return the sizes of a case by name; none if the exercise tells none of this kind of case."""
    try:
        return dict(exercise.sizes(*case)) if exercise.sizes else {}
    except (TypeError, IndexError, AttributeError):
        return {}


def fill_in(text: str, sizes: Mapping[str, int]) -> str:
    """Put sizes into a mistake's text; a size that this case does not tell stays a name, and so does a telling 1."""
    for name in re.findall(r"{(\w+)}", text):
        if sizes.get(name) == 1:
            # "N = 1 times too large" tells nothing, nor does "not divided by √1".
            text = text.replace(f"{name} = {{{name}}}", name).replace(f"√{{{name}}}", f"√{name}")
        text = text.replace(f"{{{name}}}", str(sizes.get(name, name)))
    return text


def describe_death(died: AnswerDied) -> str:
    """Return how an answer's process ended, in words."""
    if died.reason == "time":
        return f"It did not end within {died.detail} s: does a loop never stop?"
    if died.reason == "exit":
        return f"It ended the whole program (exit code {died.detail}): an answer returns a value and never exits."
    if died.reason == "signal":
        return f"It crashed the Python interpreter ({died.detail})."
    if died.reason == "size":
        return f"It returned {died.detail} MB and more in all: far more than any right answer."
    if died.reason == "files":
        return f"Its files take too much room: {died.detail} MB and more, or more than a thousand of them."
    if died.reason == "silence":
        return "It could not be judged: its process went silent, two times. Does it close files that it did not open?"
    return (
        "It could not be judged: its process sent something that is no result, two times. Does it write into files "
        "that it did not open?"
    )
