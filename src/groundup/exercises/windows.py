"""What windows drawn at random let one observe: their shapes, how targets lie to inputs, where they begin.

Which windows come is chance, and an answer may draw them with any generator or fix a seed. So every observation is of
what comes out the same however it is drawn: from batches so large that every window comes, or from complete windows
only.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Observed

ALL_COME = 40
CALLS = 12

Build = Callable[[Sequence[int]], Any]


@st.composite
def batches(draw: st.DrawFn) -> Case:
    """Draw the number of tokens, the context length, a batch size that lets every window come, and a seed."""
    context, more = draw(st.integers(2, 4)), draw(st.integers(2, 6))
    return context + more, context, ALL_COME * more + draw(st.integers(0, 3)), draw(SEEDS)


@st.composite
def texts(draw: st.DrawFn) -> Case:
    """Draw the number of tokens, some more than the context length, the context length, and a seed."""
    context = draw(st.integers(2, 4))
    return context + draw(st.integers(6, 9)), context, draw(SEEDS)


class Windows:
    """Observes an answer that draws windows.

    Parameters
    ----------
    entry : str
        Its canonical name.
    build : callable
        Distinct numbers in any order → the data or text that has them as tokens.
    read : callable
        A token → its number.
    """

    def __init__(self, entry: str, build: Build, read: Callable[[Any], int]) -> None:
        self.entry, self.build, self.read = entry, build, read

    def number_tokens(self, length: int) -> list[int]:
        """Return the numbers of so many tokens: in no order, so that neighbours cannot be had by adding 1."""
        numbers = list(range(10, 10 + length))
        random.Random(length).shuffle(numbers)
        return numbers

    def draw(self, answer: Answer, length: int, context: int, batch: int, seed: int) -> tuple[Any, Any] | None:
        """Return a batch's inputs and targets, plain; None where there are not two things."""
        data = self.build(self.number_tokens(length))
        result = answer.call(self.entry, data, context, batch, seed=seed)
        if not isinstance(result, tuple | list) or len(result) != 2:
            return None
        return to_plain(result[0]), to_plain(result[1])

    def look_at_shapes(self, answer: Answer, length: int, context: int, batch: int, seed: int) -> Observed:
        """Return the shapes of inputs and targets."""
        parts = self.draw(answer, length, context, batch, seed)
        remark = ""
        if parts and isinstance(parts[0], np.ndarray) and parts[0].dtype.kind == "f":
            remark = "The tokens come back as fractions (floats): an embedding looks up whole numbers only."
        told = map(describe_shape, parts) if parts else ("not told apart from the targets", "nor these from the inputs")
        return Observed(dict(zip(("shape of the inputs", "shape of the targets"), told, strict=True)), remark=remark)

    def look_at_windows(self, answer: Answer, length: int, context: int, seed: int) -> dict[str, Any]:
        """Return how the tokens of complete windows lie in texts of so many tokens and some more.

        The texts differ in length so that the windows do, too, where an answer fixes its seed.
        """
        shifts: set[str] = set()
        rows, known = True, True
        for call in range(CALLS):
            place_of = {number: place for place, number in enumerate(self.number_tokens(length + call))}
            parts = self.draw(answer, length + call, context, 1, seed + call)
            windows = [[place_of.get(self.read(token)) for token in read_window(part)] for part in parts or ()]
            if any(None in window for window in windows):
                known = False
            elif windows and len(windows[0]) == len(windows[1]) == context:
                inputs = np.array(windows[0])
                shifts |= set(map(str, np.array(windows[1]) - inputs))
                rows = rows and bool((np.diff(inputs) == 1).all())
        ahead = " or ".join(sorted(shifts)) or f"no window has {context} tokens and {context} targets"
        told = ahead if known else "some tokens are not in the text"
        return {"how far targets lie ahead": told, "neighbours stay neighbours": rows or not known}

    def look_at_starts(self, answer: Answer, length: int, context: int, seed: int) -> Observed:
        """Return every place at which a window ever begins."""
        count = length - context
        place_of = {number: place for place, number in enumerate(self.number_tokens(length))}

        def find_starts(seed: int) -> list[int]:
            parts = self.draw(answer, length, context, ALL_COME * count, seed)
            return [place_of.get(self.read(np.ravel(row)[0]), -1) for row in parts[0]] if parts else []

        try:
            starts = find_starts(seed)
        except AnswerRaised as raised:
            if count > 1:
                raise
            return Observed("none, but an error", remark=f"Where only one start is possible, it raises {raised.kind}.")
        told = ", ".join(map(str, sorted(set(starts))))
        if count > 1 and len(set(starts)) == 1:
            again = {start for call in range(1, CALLS) for start in find_starts(seed + call)}
            told = "one place for the whole batch" if len(again) > 1 else "always one and the same place"
        elif count > 1 and len({(b - a) % count for a, b in itertools.pairwise(starts)}) == 1:
            told += ", in turn"
        return Observed(told)


def describe_shape(part: Any) -> str:
    """Return a shape in words; windows of several lengths are told."""
    if isinstance(part, np.ndarray):
        return str(part.shape)
    if any(isinstance(row, str) for row in part):
        return f"{len(part)} texts"
    lengths = sorted({len(row) for row in part})
    return f"{len(part)} rows of {' or '.join(map(str, lengths))}"


def read_window(part: Any) -> list[Any]:
    """Return the tokens of a batch's only window."""
    row = part[0]
    if isinstance(row, str):
        return row.split()
    return row if isinstance(row, list) else list(np.ravel(row))
