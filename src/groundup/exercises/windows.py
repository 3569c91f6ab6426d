"""What windows drawn at random let one observe: which ones come, how they are laid out, how often each one begins.

Which windows come is chance, and an answer may draw them with any generator or fix a seed. So every observation is of
what comes out the same however it is drawn: from batches so large that every window comes, from several small ones, or
as counts that a test compares (`groundup.exercises.chance`).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from groundup.exercises.chance import fits, is_same_draw, is_too_even
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Observation

# Windows in a batch that lets all of up to a dozen different ones come.
LARGE = 200
SMALL = 20
DRAWS = 700
CALLS = 12
# A window has so few tokens at most: fewer than a batch of `SMALL` has windows.
MOST_PLACES = 12
ERROR, UNEVEN = "an error", "not looked at: the batch has another shape"
IN_TURN, TOO_EVEN, EVEN = "one after the other, in turn", "each exactly as often as the others", "each as often"
ONE_WINDOW = "the same one in all rows"
APART, ARROW = "inputs beside the targets of other inputs", " → "
SEEDED = (
    "It sets a seed inside, as the course asks for: every call with the same arguments gives the same windows. In "
    "training that would be the same batch at every step."
)
KIND, WHOLE = "inputs and targets are", "tensors of whole numbers"
FRACTIONS, LISTS = "tensors of fractions (floats)", "no tensors, but lists"


class Windows:
    """Observes an answer that draws windows.

    Parameters
    ----------
    entry : str
        Its canonical name.
    split : callable
        Data or text → its tokens, as text.
    make : callable
        A length → data or text of so many different tokens.
    tensors : bool
        Whether inputs and targets are to be tensors of whole numbers, arrays passing for them.
    """

    def __init__(
        self, entry: str, split: Callable[[Any], list[str]], make: Callable[[int], Any], tensors: bool = False
    ) -> None:
        self.entry, self.split, self.make, self.tensors = entry, split, make, tensors

    def draw(self, answer: Answer, data: Any, context: int, batch: int, seed: int) -> _Batch:
        """Return a batch."""
        return _Batch(answer.call(self.entry, data, context, batch, seed=seed))

    def look_at_windows(self, answer: Answer, data: Any, context: int, batch: int, seed: int) -> Observation:
        """Return the shapes of a large batch's inputs and targets, and every window that comes."""
        try:
            # Where each row holds all windows, a large batch would be far too large.
            few = self.draw(answer, data, context, SMALL, seed)
            if few.parts is not None and few.read_windows() is None and few.read_columns() is None:
                return Observation(dict(zip(SHAPES, few.shapes, strict=True)))
            drawn = self.draw(answer, data, context, batch, seed)
        except AnswerRaised as raised:
            return self._look_one_by_one(answer, context, seed, raised)
        if drawn.parts is None:
            return Observation({"inputs and targets": drawn.told})
        told: dict[str, Any] = dict(zip(SHAPES, drawn.shapes, strict=True))
        if self.tensors:
            told[KIND] = drawn.kind
        rows = drawn.read_windows()
        if rows is None and (turned := drawn.read_columns()) is not None:
            rows, told["windows lie in"] = turned, "columns"
        windows = rows or []
        if len(windows) == 1 and len(list_windows(self.split(data), context)) > 1:
            windows = [ONE_WINDOW, *self._look_at_first_windows(answer, context, seed)]
        elif are_apart(windows, list_windows(self.split(data), context)):
            windows = [APART]
        return Observation({**told, "windows": windows}, remark=drawn.remark)

    def look_at_small_batches(self, answer: Answer, length: int, context: int, batch: int, seed: int) -> dict[str, Any]:
        """Return the shapes that most of some small batches have; one whose window lies at the end may have another."""
        shapes: list[tuple[str, ...]] = []
        for call in range(CALLS // 2):
            try:
                drawn = self.draw(answer, self.make(length + call), context, batch, seed + call)
            except AnswerRaised:
                if call == CALLS // 2 - 1 and not shapes:
                    raise
                continue
            shapes.append(tuple(drawn.shapes) or (drawn.told, drawn.told))
        return dict(zip(SHAPES, Counter(shapes).most_common(1)[0][0], strict=True))

    def look_at_starts(self, answer: Answer, count: int, context: int, seed: int) -> Observation:
        """Return how often windows begin at each place, up to chance."""
        data = self.make(count + context)
        tokens = self.split(data)
        try:
            drawn = self.draw(answer, data, context, DRAWS, seed)
            # Of the reference nobody asks whether it fixes a seed.
            again = None if answer.local else self.draw(answer, data, context, DRAWS, seed + 1).read_rows()
        except AnswerRaised:
            return Observation({"starts": ERROR})
        rows = drawn.read_rows()
        if rows is None or len(rows[0]) != DRAWS or not all(isinstance(row, tuple) and row for row in rows[0]):
            return Observation({"starts": UNEVEN})
        places = [tokens.index(first) if (first := row[0]) in tokens else -1 for row in rows[0]]
        counts = [places.count(place) for place in range(count)]
        if -1 in places or len(places) != sum(counts):
            return Observation({"starts": "outside of what is lawful"})
        remark = SEEDED if rows == again else ""
        if len({(after - before) % count for before, after in itertools.pairwise(places)}) == 1:
            return Observation({"starts": IN_TURN if len(set(places)) > 1 else ONE_WINDOW}, remark=remark)
        if is_too_even(counts):
            return Observation({"starts": TOO_EVEN})
        told = EVEN if fits(counts, [1 / count] * count) else [f"{number / DRAWS:.2f}" for number in counts]
        return Observation({"starts": told}, {"counts": counts, "told": told, "right": told == EVEN}, remark)

    def _look_at_first_windows(self, answer: Answer, context: int, seed: int) -> list[str]:
        """Return how the only window of a batch lies in its text, for texts of several lengths and several seeds."""
        starts, patterns = set(), set()
        for call in range(CALLS):
            data = self.make(context + CALLS // 2 + call)
            tokens = self.split(data)
            rows = self.draw(answer, data, context, SMALL, seed + call).read_rows()
            if rows:
                starts.add(tokens.index(rows[0][0][0]) if rows[0][0] and rows[0][0][0] in tokens else -1)
                patterns.add(_describe_pattern(tokens, rows[0][0], rows[1][0]))
        which = (
            "the first" if starts == {0} else "always from one place" if len(starts) == 1 else "another at each call"
        )
        return [which, *sorted(patterns)]

    def _look_one_by_one(self, answer: Answer, context: int, seed: int, raised: AnswerRaised) -> Observation:
        """Return how the windows of small batches lie, where large ones raise an error: which may be for one window."""
        patterns = set()
        for more, batch in itertools.product(range(1, CALLS), (1, 4)):
            data = self.make(context + more)
            tokens = self.split(data)
            try:
                rows = self.draw(answer, data, context, batch, seed + more).read_rows()
            except AnswerRaised:
                continue
            for ours, theirs in zip(*rows, strict=False) if rows else ():
                if len(ours) == len(theirs) == context:
                    patterns.add(_describe_pattern(tokens, ours, theirs))
        if not patterns:
            raise raised
        return Observation({"small batches": sorted(patterns), "this batch": ERROR})


SHAPES = ("shape of the inputs", "shape of the targets")


class _Batch:
    """What an answer returned.

    Attributes
    ----------
    parts : list or None
        Inputs and targets as lists; None if there are not two things.
    shapes : list of str
        The shape of each part, in words.
    told : str
        What there is instead of two parts.
    remark : str
        Worth saying of it.
    kind : str
        Whether the parts are tensors, and of which numbers.
    """

    def __init__(self, result: Any) -> None:
        self.parts: list[Any] | None = None
        self.shapes: list[str] = []
        self.told = self.remark = ""
        self.kind = WHOLE
        if getattr(result, "ndim", 0) == 3 and len(result) == 2:
            self.remark = "It returns one tensor that holds inputs and targets: a tuple of two is asked for."
        elif not isinstance(result, tuple | list):
            shape = f" of shape {tuple(result.shape)}" if hasattr(result, "shape") else ""
            self.told = f"one {type(result).__name__}{shape}"
            return
        elif len(result) != 2:
            self.told = f"{len(result)} things"
            return
        if not all(hasattr(part, "dtype") for part in result):
            self.kind = LISTS
        arrays = [to_plain(part) if _holds_arrays(part) else part for part in result]
        if any(isinstance(part, np.ndarray) and part.dtype.kind == "f" for part in arrays):
            self.kind = FRACTIONS
        self.parts = [part.tolist() if isinstance(part, np.ndarray) else part for part in arrays]
        self.shapes = [str(part.shape) if isinstance(part, np.ndarray) else describe_shape(part) for part in arrays]

    def read_rows(self) -> list[list[Any]] | None:
        """Return the rows of inputs and of targets: lists of tokens, or text where a row is none."""
        if self.parts is None or not all(isinstance(part, list | tuple) for part in self.parts):
            return None
        return [[_read_row(row) for row in part] for part in self.parts]

    def read_windows(self) -> list[str] | None:
        """Return each window that comes, in words; None if rows are too long for windows."""
        rows = self.read_rows()
        if rows is None or any(isinstance(row, tuple) and len(row) > MOST_PLACES for part in rows for row in part):
            return None
        return _show_windows(zip(*rows, strict=False))

    def read_columns(self) -> list[str] | None:
        """Return the window in each column, in words; None if columns are too long for windows as well."""
        rows = self.read_rows()
        if rows is None or any(len(part) > MOST_PLACES or len({len(row) for row in part}) != 1 for part in rows):
            return None
        return _show_windows(zip(*(zip(*part, strict=True) for part in rows), strict=False))


def _holds_arrays(part: Any) -> bool:
    return hasattr(part, "shape") or (isinstance(part, list | tuple) and any(hasattr(row, "shape") for row in part))


def _show_windows(pairs: Iterable[tuple[Any, Any]]) -> list[str]:
    return sorted(f"{show_row(ours)}{ARROW}{show_row(theirs)}" for ours, theirs in set(pairs))


@dataclass(frozen=True)
class WindowsCheck(Check):
    """Says which windows never come, and which ones come that should not."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say so."""
        got, wanted = self.observe(answer, case).value, self.observe(candidate, case).value
        if "inputs and targets" in got:
            return [f"Two things are asked for, inputs and targets. What comes is {got['inputs and targets']}."]
        if "small batches" in got:
            return []
        if "windows" not in got:
            return [f"In a batch of {SMALL} the inputs are {got[SHAPES[0]]}, and the targets {got[SHAPES[1]]}."]
        told = [
            f"The {name} is {got[name]}; {wanted[name]} is asked for." for name in SHAPES if got[name] != wanted[name]
        ]
        if got.get(KIND) != wanted.get(KIND):
            told.append(f"Inputs and targets are {got[KIND]}: {wanted[KIND]} are asked for.")
        if got["windows"][:1] == [ONE_WINDOW]:
            return [*told, "All rows of the batch are the same window: draw a start for each row."]
        if got["windows"] == [APART]:
            return [*told, "Inputs stand beside the targets of other inputs: cut both out at the same starts."]
        lost = [window for window in wanted["windows"] if window not in got["windows"]]
        more = [window for window in got["windows"] if window not in wanted["windows"]]
        if lost:
            told.append(f"What never comes, as input → target: {'; '.join(lost[:3])}.")
        if more:
            told.append(f"What comes and is not right: {'; '.join(more[:3])}.")
        return told


@dataclass(frozen=True)
class StartsCheck(Check):
    """Compares how often windows begin at each place."""

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own observation where a candidate draws alike, whatever random numbers it draws by."""
        seen = self.observe(candidate, case)
        if is_same_draw(context, seen.context):
            yield {"starts": context["told"]}
        yield seen.value

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say how often each start comes."""
        told = self.observe(answer, case).value["starts"]
        if told == IN_TURN:
            return ["The windows begin at one place after the other, in turn: draw each start at random."]
        if told == TOO_EVEN:
            return [
                "Every start comes exactly as often as the others, which chance does not bring about: draw each one."
            ]
        if isinstance(told, list):
            shares = ", ".join(f"{place}: {share}" for place, share in enumerate(told))
            return [f"Some starts come more often than others. The share of each: {shares}."]
        return []


def list_windows(tokens: Sequence[str], context: int) -> list[str]:
    """Return all windows of a text, in words."""
    starts = range(len(tokens) - context)
    return _show_windows(
        (tuple(tokens[start : start + context]), tuple(tokens[start + 1 : start + context + 1])) for start in starts
    )


def are_apart(windows: Sequence[str], lawful: Sequence[str]) -> bool:
    """Tell whether inputs and targets are windows of the text, but come together in more ways than it has windows."""
    if len(windows) <= len(lawful):
        return False
    allowed = [set(parts) for parts in zip(*(one.split(ARROW) for one in lawful), strict=True)]
    pairs = [one.split(ARROW) for one in windows]
    return all(len(pair) == len(allowed) and all(map(set.__contains__, allowed, pair)) for pair in pairs)


def describe_shape(part: Any) -> str:
    """Return a shape in words; windows of several lengths are told."""
    if not isinstance(part, list | tuple):
        return f"that of a {type(part).__name__}"
    if any(isinstance(row, str) for row in part):
        return f"{len(part)} texts"
    if not all(isinstance(row, list | tuple) for row in part):
        return f"({len(part)},)"
    lengths = sorted({len(row) for row in part})
    if len(lengths) == 1:
        return str((len(part), *lengths))
    return f"{len(part)} rows of {' or '.join(map(str, lengths))}"


def show_row(row: Any) -> str:
    """Return a window's tokens as a person reads them."""
    return (" ".join(row) if row else "nothing") if isinstance(row, tuple) else str(row)


def _read_row(row: Any) -> Any:
    """Return a row as a tuple of tokens; a single token, or text in a row's place, as that."""
    if isinstance(row, list | tuple):
        return tuple(map(_read_token, row))
    return repr(row) if isinstance(row, str) else f"{_read_token(row)} alone"


def _read_token(token: Any) -> str:
    return _read_simple(token) if isinstance(token, str | int | float) else str(token)


@lru_cache(maxsize=4096)
def _read_simple(token: str | int | float) -> str:
    if isinstance(token, str):
        return token if token and not any(letter.isspace() for letter in token) else repr(token)
    return str(round(token)) if math.isfinite(token) and token == round(token) else str(token)


def _describe_pattern(tokens: Sequence[str], ours: Any, theirs: Any) -> str:
    """Return how a window and its target lie in a text, as seen from the window's first token."""
    start = tokens.index(ours[0]) if ours and ours[0] in tokens else 0

    def describe(row: Any) -> str:
        if not isinstance(row, tuple):
            return str(row)
        return " ".join(f"{tokens.index(one) - start:+d}" if one in tokens else one for one in row)

    return f"{describe(ours)} → {describe(theirs)}"
