"""Where the code of a step or of an exercise runs, in words."""

from __future__ import annotations

import difflib

from groundup.base.errors import UserError
from groundup.course import CHAPTERS
from groundup.exercises.registry import list_names, load_exercise
from groundup.promise import Place, find_place


def find_places(name: str) -> list[Place]:
    """Return where a step runs, or each of the steps that an exercise is about.

    Raises
    ------
    UserError
        Neither a step nor an exercise has that name.
    """
    steps = [step for chapter in CHAPTERS for step in chapter.steps]
    if name.replace("-", "_") in steps:
        return [find_place(name.replace("-", "_"))]
    if name.replace("_", "-") in list_names():
        return [find_place(module.rpartition(".")[2]) for module in load_exercise(name).modules]
    near = difflib.get_close_matches(name, [*steps, *list_names()], n=1)
    hint = f"Did you mean {near[0]}?" if near else f"The steps are {', '.join(steps)}."
    raise UserError(f"There is no step and no exercise named {name}. {hint}")


def format_place(place: Place) -> list[str]:
    """Return a place as sentences."""
    step = _write_path(place.step)
    if place.jobs:
        lines = [f"{step} runs in {_join(place.jobs)}:"]
        return lines + [f"  {' → '.join(map(_write_path, chain))}" for chain in place.jobs.values()]
    lines = [f"{step} is the definition. Faster code computes the same and runs in the jobs:"]
    for form in place.forms:
        lines += [f"  {_write_path(form.module)} in {_join(form.jobs)}", f"    compared by {form.test}"]
    return lines


def _join(jobs: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"`{job}`" for job in jobs)


def _write_path(module: str) -> str:
    return module.removeprefix("groundup.").replace(".", "/") + ".py"
