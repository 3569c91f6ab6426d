"""Finds an unstable form in a right answer: an input on which it gives no number, and the reference gives one.

No advice is given on a formula's looks. Inputs of the kinds that were tried are made larger until the answer overflows,
and that input is shown.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from groundup.judge.answer import Answer, Raised
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.explain.error_advice import advise
from groundup.judge.explain.showing import name_arguments
from groundup.judge.module_check import ModuleCheck
from groundup.judge.searching import CheckOptions, Search
from groundup.judge.verdict import CaseResult, show_value

FACTORS = (10.0, -10.0, 100.0, -100.0, 1000.0, -1000.0)
MOST_CASES, MOST_TRIES, MOST_LETTERS = 6, 60, 120
# What arithmetic raises; anything else may be the input's fault.
OVERFLOWS = ("OverflowError", "FloatingPointError", "ZeroDivisionError")


def find_unstable(
    exercise: Exercise, answer: Answer, reference: Answer, case_results: Sequence[CaseResult], effort: CheckOptions
) -> str | None:
    """Return a remark on an input that is too large for an answer, and not for the reference; None if none is found.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    answer, reference : Answer
        The learner's, which is right, and ours.
    case_results : sequence of CaseResult
        What was tried: larger inputs are made from it.
    effort : CheckOptions
        As in judging.
    """
    for check in exercise.checks:
        if check.beyond or (check.observer is not None) or (isinstance(check, ModuleCheck) and check.gradients):
            continue
        results = [one for one in case_results if one.check == check.name and is_finite(one.wanted)]
        scaled = list_scalable(check, results)
        search = Search(exercise, check, answer, reference, effort, short=True, process=None)
        # The last cases tried are random ones; edges are often special.
        tries = itertools.product(FACTORS, results[-MOST_CASES:], scaled)
        for factor, result, place in itertools.islice(tries, MOST_TRIES):
            larger = search.try_case(enlarge(check, result.case, place, factor))
            if is_finite(larger.wanted) and fails(larger.got):
                return describe(exercise, check, larger, place)
    return None


def list_inputs(check: Check, case: Case) -> tuple[Any, ...]:
    """Return the inputs of a case: of a module what it is called with."""
    return tuple(case[1] if isinstance(check, ModuleCheck) else case)


def list_scalable(check: Check, results: Sequence[CaseResult]) -> list[int]:
    """Return the places of arrays of fractions that are no shares or probabilities, which end at 1."""
    inputs = [list_inputs(check, result.case) for result in results]
    places = range(min(map(len, inputs), default=0))
    arrays = {place: [as_array(one[place]) for one in inputs] for place in places}
    return [
        place
        for place, found in arrays.items()
        if all(array is not None for array in found)
        and any(array is not None and ((array < 0) | (array > 1)).any() for array in found)
    ]


def as_array(value: Any) -> np.ndarray | None:
    """Return an array or tensor of fractions as an array; None for anything else."""
    if type(value).__module__ == "torch":
        value = value.detach().numpy()
    return value if isinstance(value, np.ndarray) and value.dtype.kind == "f" else None


def enlarge(check: Check, case: Case, place: int, factor: float) -> Case:
    """Return a case with one of its inputs multiplied."""
    inputs = list_inputs(check, case)
    larger = tuple(value * factor if number == place else value for number, value in enumerate(inputs))
    return (case[0], larger, *case[2:]) if isinstance(check, ModuleCheck) else larger


def is_finite(value: Any) -> bool:
    """Tell whether a result holds finite numbers and nothing else."""
    return all(
        isinstance(one, np.ndarray) and one.dtype.kind in "iuf" and np.isfinite(one).all() for one in parts(value)
    )


def fails(value: Any) -> bool:
    """Tell whether a result is an overflow, or holds infinity or NaN."""
    if isinstance(value, Raised):
        return value.kind in OVERFLOWS or (value.kind == "ValueError" and "math" in value.text)
    return any(
        isinstance(one, np.ndarray) and one.dtype.kind == "f" and not np.isfinite(one).all() for one in parts(value)
    )


def parts(value: Any) -> Iterator[Any]:
    """Yield a result's arrays."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from parts(item)
    else:
        yield value


def describe(exercise: Exercise, check: Check, result: CaseResult, place: int) -> str:
    """Return what is said of an input on which an answer fails."""
    module = isinstance(check, ModuleCheck)
    name = "the input" if module else name_arguments(exercise, result)[place]
    given, got, wanted = (
        cut(show_value(value)) for value in (list_inputs(check, result.case)[place], result.got, result.wanted)
    )
    advice = advise(result.got) if isinstance(result.got, Raised) else None
    verb = "raises" if isinstance(result.got, Raised) else "gives"
    return (
        f"An unstable form, which has not failed yet: with {name} = {given} it {verb} {got}, and {wanted} is right. "
        + (advice or "Look for exp of a large number, or a division of two numbers that both overflow.")
    )


def cut(text: str) -> str:
    """Return a text in one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
