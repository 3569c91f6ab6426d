"""A failing case as a person reads it: its inputs by name, what came of it and what should have."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from groundup.judge.answer import Raised
from groundup.judge.compare import Tolerance, is_equal
from groundup.judge.exercise import Exercise
from groundup.judge.explain.known_mistakes import find_reference
from groundup.judge.module_check import ModuleCheck
from groundup.judge.verdict import CaseResult, Grid, Shown, show_value

MOST_CELLS, MOST_COLUMNS = 100, 12


def show_failing(exercise: Exercise, failing: CaseResult) -> Shown:
    """Return a failing case in words."""
    names = name_arguments(exercise, failing)
    given = list(flatten_case(exercise, failing, names))
    inputs = [(name, show_value(value)) for name, value in given]
    check = next(check for check in exercise.checks if check.name == failing.check)
    got, wanted = (name_results(value, check.results) for value in (failing.got, failing.wanted))
    got, wanted = leave_differences(got, wanted, exercise.tolerance)
    shown, told = show_value(got), "an error" if isinstance(wanted, Raised) else show_value(wanted)
    if shown == told:  # they differ in later digits
        shown, told = show_value(got, exactly=True), show_value(wanted, exactly=True)
    if wanted is None and failing.context is not None:
        told = ""  # a module whose weights fit nowhere: there is nothing to compare it with
    return Shown(failing.check, inputs, shown, told, list(lay_out(given, got, wanted)))


def lay_out(given: Sequence[tuple[str, Any]], got: Any, wanted: Any) -> Iterator[Grid]:
    """Yield the small arrays among inputs and results as tables, with what differs between the two results marked."""
    for name, value in given:
        if (numbers := as_small_array(value)) is not None:
            yield write_grid(name, numbers, np.zeros(numbers.shape, dtype=bool))
    ours, theirs = as_small_array(got), as_small_array(wanted)
    if ours is None or theirs is None:
        return
    differs = ~np.isclose(ours, theirs, rtol=1e-6, atol=1e-9, equal_nan=True) if ours.shape == theirs.shape else None
    yield write_grid("your answer", ours, np.ones(ours.shape, dtype=bool) if differs is None else differs)
    yield write_grid("expected", theirs, np.zeros(theirs.shape, dtype=bool) if differs is None else differs)


def as_small_array(value: Any) -> np.ndarray | None:
    """Return a value as an array of numbers of one or two sizes; None where it is none, or too large for a page."""
    if type(value).__module__ == "torch":
        value = value.detach().numpy()
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub" or value.ndim not in (1, 2):
        return None
    return value if 0 < value.size <= MOST_CELLS and value.shape[-1] <= MOST_COLUMNS else None


def write_grid(name: str, numbers: np.ndarray, differs: np.ndarray) -> Grid:
    """Return an array as a table."""
    rows = [[show_value(number) for number in row] for row in np.atleast_2d(numbers)]
    return Grid(name, tuple(numbers.shape), rows, np.atleast_2d(differs).tolist())


def flatten_case(exercise: Exercise, failing: CaseResult, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield names and values of a case; what a class is built with has the stub's names."""
    check = next(check for check in exercise.checks if check.name == failing.check)
    for name, value in zip(names, failing.case, strict=True):
        if isinstance(check, ModuleCheck) and isinstance(value, tuple):
            sizes = name_sizes(exercise, check.entry) if name == names[0] else []
            single = [f"{name}, {place + 1}" for place in range(len(value))] if len(value) > 1 else [name]
            yield from zip(sizes if len(sizes) >= len(value) else single, value, strict=False)
        else:
            yield name, value


def name_sizes(exercise: Exercise, entry: str) -> list[str]:
    """Return the names of what the stub's class is built with; none if it has none."""
    for node in ast.walk(ast.parse(exercise.read("stub.py"))):
        if isinstance(node, ast.ClassDef) and node.name in exercise.entries[entry]:
            built = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
            return [argument.arg for argument in built[0].args.args[1:]] if built else []
    return []


def name_results(value: Any, names: Sequence[str]) -> Any:
    """Return several results by their names; anything else as it is.

    Examples
    --------
    >>> name_results([np.array([1.0]), np.array([2.0])], ["m", "v"])
    {'m': array([1.]), 'v': array([2.])}
    """
    several = isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim > 0)
    return dict(zip(names, value, strict=True)) if names and several and len(value) == len(names) else value


def leave_differences(got: Any, wanted: Any, tolerance: float) -> tuple[Any, Any]:
    """Return two observations, of dictionaries with equal keys only what differs, and in these again."""
    if not (isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys()):
        return got, wanted
    wrong = [key for key in wanted if not is_equal(got[key], wanted[key], Tolerance(4, tolerance))]
    left = {key: leave_differences(got[key], wanted[key], tolerance) for key in wrong or wanted}
    return {key: ours for key, (ours, _) in left.items()}, {key: theirs for key, (_, theirs) in left.items()}


def name_arguments(exercise: Exercise, failing: CaseResult) -> list[str]:
    """Return the names of a case's values: the check's own, else those of the stub's or the reference's signature."""
    check = next(check for check in exercise.checks if check.name == failing.check)
    if check.arguments:
        return list(check.arguments)
    names = read_stub_arguments(exercise, check.entry) or _read_reference_arguments(exercise, check.entry)
    if len(names) == len(failing.case) or (check.observer is None and len(names) > len(failing.case)):
        return names[: len(failing.case)]
    return [f"input {place + 1}" for place in range(len(failing.case))]


def read_stub_arguments(exercise: Exercise, entry: str) -> list[str]:
    """Return the names of the arguments of a function in the stub; none if it has no such function."""
    for node in ast.walk(ast.parse(exercise.read("stub.py"))):
        if isinstance(node, ast.FunctionDef) and node.name in exercise.entries[entry]:
            return [argument.arg for argument in node.args.args if argument.arg != "self"]
    return []


def _read_reference_arguments(exercise: Exercise, entry: str) -> list[str]:
    function: Any = find_reference(exercise)[entry]
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
