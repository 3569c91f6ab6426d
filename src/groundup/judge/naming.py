"""Names the mistakes in an answer: which known ones, edited into the reference, reproduce what it does."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from groundup.judge.answer import Answer, AnswerLacks, AnswerRaised, Raised, make_candidate
from groundup.judge.compare import Closeness, is_equal, to_plain
from groundup.judge.editing import EditError, edit_modules
from groundup.judge.exercise import Check, Exercise, Mistake, Observed
from groundup.judge.verdict import WRONG_KIND, Trace

MOST_PAIRS = 200


def name_mistakes(
    exercise: Exercise, checks: Sequence[Check], traces: Sequence[Trace], seconds: float
) -> tuple[Mistake, ...]:
    """Return the known mistake, or the two, that reproduce what the answer does; nothing where none do.

    A mistake may be made in one of an exercise's functions and not in another: only the checks that fail must be
    reproduced, each as a whole, with the cases of them that pass. One that leaves the other checks right as well is
    preferred. Where none reproduces all that fail, the first failing check is named by itself: the others may hold a
    mistake that nobody knows, or not be written yet.

    Parameters
    ----------
    exercise : Exercise
        With its known mistakes.
    checks : sequence of Check
        Those that the traces are of.
    traces : sequence of Trace
        What the answer did, failing and passing cases.
    seconds : float
        How long to look.
    """
    groups = []
    for check in checks:
        own = [trace for trace in traces if trace.check == check.name]
        # What failed tells most, and is looked at first.
        groups.append((check, sorted(own, key=lambda trace: trace.agrees)))
    failed = [(check, own) for check, own in groups if own and not own[0].agrees]
    passed = [(check, own) for check, own in groups if own and own[0].agrees]

    deadline = time.monotonic() + seconds
    for wrong in [failed, failed[:1]][: len(failed)]:
        if named := find_combination(exercise, wrong, passed, deadline):
            return named
    return ()


Groups = Sequence[tuple[Check, Sequence[Trace]]]


def find_combination(exercise: Exercise, failed: Groups, passed: Groups, deadline: float) -> tuple[Mistake, ...]:
    """Return the mistake, or the two, that reproduce all of ``failed``, and of ``passed`` as well if any do."""

    def reproduces_all(candidate: Answer, groups: Groups) -> bool:
        return all(reproduces(candidate, exercise, check, trace) for check, own in groups for trace in own)

    count = len(exercise.mistakes)
    singles = ((number,) for number in range(count))
    pairs = itertools.islice(itertools.combinations(range(count), 2), MOST_PAIRS)
    choices: tuple[Iterable[tuple[int, ...]], ...] = (singles, pairs)
    for combinations in choices:
        possible: tuple[int, ...] = ()
        for numbers in combinations:
            if len(numbers) > 1 and time.monotonic() > deadline:
                break
            candidate = build_candidate(exercise, numbers)
            if candidate is None or not reproduces_all(candidate, failed):
                continue
            possible = possible or numbers
            if reproduces_all(candidate, passed):
                possible = numbers
                break
        if possible:
            return tuple(exercise.mistakes[number] for number in possible)
    return ()


class _Known:
    """An exercise as a key: by identity, since its parts cannot be hashed."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise

    def __hash__(self) -> int:
        return id(self.exercise)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.exercise is self.exercise


def build_candidate(exercise: Exercise, numbers: tuple[int, ...]) -> Answer | None:
    """Return the reference with mistakes of these numbers made in it; None where they exclude each other."""
    return _build(_Known(exercise), numbers)


def find_reference(exercise: Exercise) -> Mapping[str, Any]:
    """Return the reference's functions and classes by their canonical names."""
    return exercise.build(edit_modules(exercise, ()))


@lru_cache(maxsize=4096)
def _build(known: _Known, numbers: tuple[int, ...]) -> Answer | None:
    exercise = known.exercise
    try:
        modules = edit_modules(exercise, [exercise.mistakes[number] for number in numbers])
    except EditError:
        if len(numbers) < 2:
            raise
        return None
    return make_candidate(exercise.build(modules), exercise.entries)


def closeness_of(exercise: Exercise, check: Check) -> Closeness:
    """Return how close an answer must come in a check."""
    rounding = exercise.rounding if check.rounding is None else check.rounding
    return Closeness(rounding, exercise.tolerance if check.tolerance is None else check.tolerance)


def reproduces(candidate: Answer, exercise: Exercise, check: Check, trace: Trace) -> bool:
    """Tell whether a candidate lets one observe what the answer did."""
    closeness = replace(closeness_of(exercise, check), same_errors=True)
    return any(is_equal(trace.got, wanted, closeness) for wanted in expect(check, candidate, trace))


def expect(check: Check, candidate: Answer, trace: Trace) -> Iterator[object]:
    """Yield what a candidate lets one observe in a trace's case, plain; an error is an observation, too."""
    try:
        for wanted in check.expect(candidate, trace.case, trace.context):
            yield to_plain(wanted.value if isinstance(wanted, Observed) else wanted)
    except AnswerRaised as raised:
        yield Raised(raised.kind, raised.text, raised.line)
    except AnswerLacks:
        return
    except Exception as error:
        # An observation that takes apart what is not of the kind it expects: see `groundup.judge.judging`.
        yield Raised(WRONG_KIND, str(error), None)
