"""Observations of one function in other ways: called twice, on whole numbers, on lists, on several cases at once."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import Tolerance, is_equal, to_plain
from groundup.judge.exercise import Observation

KEEP = """
def make(argument):
    return argument
"""
FIRST, SECOND = "the first call", "a second call with the same arguments"
NOTHING = "nothing (None)"
FLOATS_ONLY = (
    "It fails on arrays of whole numbers ({kind}). That is accepted, since the course only gives floats; "
    "np.asarray(x, dtype=float) makes floats of them."
)
WRITES_INTO_WHOLE_NUMBERS = (
    "It writes its result into the array that it is given. An array of whole numbers cannot hold fractions, so there "
    "it fails or cuts them off: make a new array."
)
LISTS_ONLY = (
    "It takes lists but no NumPy arrays ({kind}). That is accepted, since the course gives lists; np.array(x) makes an "
    "array of either."
)

ZERO_FAILS = (
    "With zero epochs it fails ({kind}). That is accepted, since the course never asks for zero; return zeros there."
)


def call_twice(answer: Answer, *arguments: Any, entry: str) -> dict[str, Any]:
    """Return what two calls return whose arguments are the same objects, so that the first may spoil the second."""
    kept = [answer.given(KEEP, argument) for argument in arguments]
    # What the first call returned may be what the second one changes.
    return {name: copy.deepcopy(answer.call(entry, *kept)) for name in (FIRST, SECOND)}


def call_on_whole_numbers(answer: Answer, *arguments: Any, entry: str) -> Any:
    """Return what a function makes of arrays of whole numbers.

    The course never hands it any. Where the answer fails on them, or writes its result into them, what it makes of the
    same numbers as floats is observed instead, with a remark.
    """
    floats = [to_floats(argument) for argument in arguments]
    try:
        got = answer.call(entry, *arguments)
    except AnswerRaised as raised:
        wanted, writes = call_and_watch(answer, entry, *floats)
        writes = writes or writes_fractions(answer, entry, *floats)
        return Observation(wanted, remark=WRITES_INTO_WHOLE_NUMBERS if writes else FLOATS_ONLY.format(kind=raised.kind))
    try:
        wanted, writes = call_and_watch(answer, entry, *floats)
    except AnswerRaised:
        return got
    if writes and not is_equal(to_plain(got), to_plain(wanted), Tolerance(relative=1e-9)):
        return Observation(wanted, remark=WRITES_INTO_WHOLE_NUMBERS)
    return got


def writes_fractions(answer: Answer, entry: str, *arguments: Any) -> bool:
    """Tell whether a function changes its arguments if they hold fractions: a mean of 0 subtracted changes nothing."""
    moved = [argument + 0.375 if isinstance(argument, np.ndarray) else argument for argument in arguments]
    try:
        return call_and_watch(answer, entry, *moved)[1]
    except AnswerRaised:
        return False  # what is moved need not be an input


def call_and_watch(answer: Answer, entry: str, *arguments: Any) -> tuple[Any, bool]:
    """Return what a function returns, and whether it changes an argument, without taking note of that."""
    before = set(answer.changed)
    answer.changed.clear()
    try:
        return answer.call(entry, *arguments), bool(answer.changed)
    finally:
        answer.changed |= before


def call_each(answer: Answer, entry: str, *cases: tuple[Any, ...]) -> list[Any]:
    """Return what a function makes of each of several cases, or which error it raises, so that one hides no other."""
    results = []
    for case in cases:
        try:
            results.append(answer.call(entry, *case))
        except AnswerRaised as raised:
            if raised.is_final:
                raise
            results.append(f"an error: {raised.kind}")
    return results


def name_nothing(got: Any) -> Any:
    """Return an observation with words where it is None: that a function returns nothing tells what is wrong."""
    if isinstance(got, list):
        return [name_nothing(item) for item in got]
    if isinstance(got, dict):
        return {key: name_nothing(item) for key, item in got.items()}
    return NOTHING if got is None else got


def to_floats(argument: Any) -> Any:
    """Return an argument with floats in every array."""
    if isinstance(argument, list):
        return [to_floats(item) for item in argument]
    return argument.astype(float) if isinstance(argument, np.ndarray) else argument


def call_with_arrays_or_lists(answer: Answer, *arguments: Any, entry: str) -> Any:
    """Return what a function makes of arrays; of lists, with a remark, where it raises an error on arrays alone."""
    try:
        return answer.call(entry, *arguments)
    except AnswerRaised as raised:
        try:
            result = answer.call(entry, *map(to_list, arguments))
        except AnswerRaised:
            raise raised from None
        return Observation(result, remark=LISTS_ONLY.format(kind=raised.kind))


def call_twice_with_arrays_or_lists(answer: Answer, *arguments: Any, entry: str) -> dict[str, Any]:
    """Return what `call_twice` does; of lists where the function raises an error on arrays."""
    try:
        return call_twice(answer, *arguments, entry=entry)
    except AnswerRaised:
        return call_twice(answer, *map(to_list, arguments), entry=entry)


def to_list(argument: Any) -> Any:
    """Return an array as a list, anything else as it is."""
    return argument.tolist() if isinstance(argument, np.ndarray) else argument


def look_at_zero_epochs(answer: Answer, X: Any, y: Any, lr: float) -> dict[str, str] | Any:
    """Return, in words, where weights and bias begin: what comes of zero epochs. Random starts differ, but none is 0."""
    try:
        got = answer.call("train", X, y, 0, lr)
    except AnswerRaised as raised:
        if raised.is_final:
            raise
        return Observation({"weights": "0", "bias": "0"}, remark=ZERO_FAILS.format(kind=raised.kind))
    if got is None:
        return NOTHING
    if not isinstance(got, tuple | list) or len(got) != 2:
        return got
    numbers = [to_plain(part) for part in got]
    if not all(isinstance(part, np.ndarray) and part.dtype.kind in "fiu" for part in numbers):
        return got
    return {name: "0" if not part.any() else "not 0" for name, part in zip(("weights", "bias"), numbers, strict=True)}
