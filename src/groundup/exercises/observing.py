"""Observations that several exercises share."""

from __future__ import annotations

from typing import Any

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import Closeness, is_equal, to_plain
from groundup.judge.exercise import Observed

WRITES_INTO_WHOLE_NUMBERS = (
    "It writes its result into the array that it is given. An array of whole numbers cannot hold fractions, so there "
    "it fails or cuts them off: make a new array."
)


def call_on_whole_numbers(answer: Answer, entry: str, *arrays: Any) -> Any:
    """Return what a function makes of arrays of whole numbers; other arguments may stand among them.

    An answer that writes into its argument may fail on them, and the course never hands it any. That is only remarked
    on, where it is right on the same numbers as floats.
    """
    floats = [array.astype(float) if hasattr(array, "astype") else array for array in arrays]
    try:
        got = answer.call(entry, *arrays)
    except AnswerRaised:
        if not changes_arguments(answer, entry, *floats):
            raise
        got = None
    if changes_arguments(answer, entry, *floats):
        wanted = answer.call(entry, *floats)
        if got is None or not is_equal(to_plain(got), to_plain(wanted), Closeness(relative=1e-9)):
            return Observed(wanted, remark=WRITES_INTO_WHOLE_NUMBERS)
    return got


def changes_arguments(answer: Answer, entry: str, *arguments: Any) -> bool:
    """Tell whether a function changes an argument; one that raises is taken to change none."""
    before = set(answer.changed)
    answer.changed.clear()
    try:
        answer.call(entry, *arguments)
        return bool(answer.changed)
    except AnswerRaised:
        return False
    finally:
        answer.changed |= before
