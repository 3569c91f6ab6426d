"""Observations of one function on the same input in other ways: called twice, on whole numbers, on lists."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Observed

KEEP = """
def make(argument):
    return argument
"""
FIRST, SECOND = "the first call", "a second call with the same arguments"
FLOATS_ONLY = (
    "It fails on arrays of whole numbers ({kind}). That is accepted, since the course only gives floats; "
    "np.asarray(x, dtype=float) makes floats of them."
)
LISTS_ONLY = (
    "It takes lists but no NumPy arrays ({kind}). That is accepted, since the course gives lists; np.array(x) makes an "
    "array of either."
)


def call_twice(answer: Answer, *arguments: Any, entry: str) -> dict[str, Any]:
    """Return what two calls return whose arguments are the same objects, so that the first may spoil the second."""
    kept = [answer.given(KEEP, argument) for argument in arguments]
    # What the first call returned may be what the second one changes.
    return {name: copy.deepcopy(answer.call(entry, *kept)) for name in (FIRST, SECOND)}


def call_on_whole_numbers(answer: Answer, *arguments: Any, entry: str) -> Any:
    """Return what a function makes of arrays of whole numbers.

    Where it raises an error, what it makes of the same numbers as floats is observed, with a remark.
    """
    try:
        return answer.call(entry, *arguments)
    except AnswerRaised as raised:
        floats = [to_floats(argument) for argument in arguments]
        return Observed(answer.call(entry, *floats), remark=FLOATS_ONLY.format(kind=raised.kind))


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
        return Observed(result, remark=LISTS_ONLY.format(kind=raised.kind))


def call_twice_with_arrays_or_lists(answer: Answer, *arguments: Any, entry: str) -> dict[str, Any]:
    """Return what `call_twice` does; of lists where the function raises an error on arrays."""
    try:
        return call_twice(answer, *arguments, entry=entry)
    except AnswerRaised:
        return call_twice(answer, *map(to_list, arguments), entry=entry)


def to_list(argument: Any) -> Any:
    """Return an array as a list, anything else as it is."""
    return argument.tolist() if isinstance(argument, np.ndarray) else argument
