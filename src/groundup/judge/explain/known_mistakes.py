"""Names the mistakes in an answer: finds changes of the reference that compute what the answer computes.

Three kinds of changes are tried, in this order: the exercise's known mistakes, small changes made by the hundred
(`groundup.judge.explain.mutations`), and two known mistakes at once. A name is given only on evidence: the change must
compute what the answer computes in every case tried, wrong or right, and among the wrong ones must be several *values*.
That two functions both raise an error says nothing. Where several pairs fit, only what they have in common is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from groundup.judge.answer import Answer, AnswerLacks, AnswerRaised, Raised, make_candidate
from groundup.judge.compare import Tolerance, is_equal, to_plain
from groundup.judge.exercise import Check, Exercise, Mistake, Observation
from groundup.judge.explain.edits import EditError, edit_modules, find_terms
from groundup.judge.explain.mutations import Change, list_changes, watch
from groundup.judge.isolation.messages import Opaque, pack
from groundup.judge.isolation.trials import Attempt, run_apart
from groundup.judge.verdict import WRONG_KIND, CaseResult

MOST_PAIRS, MOST_CHANGES = 600, 1500
# Of the wrong cases, which share two mistakes must explain, each by itself, to be tried together before all else.
LEAST_EXPLAINED = 0.5
# Of several finds the one that leaves the other functions right is preferred.
MOST_FINDS = 4
SECONDS_EACH = 1.5
# How many cases of a check a change must reproduce: where it is tried on few, each takes its time.
MOST_FAILED, LEAST_FAILED = 24, 6
# A change that fits is tried on other results, too, of a check whose cases are quick: they are many.
MANY_EXAMPLES, MOST_OTHERS = 6, 20
# An error is evidence only beside this many right values of the same check.
RIGHT_BESIDE_ERRORS = 3
PLAIN_ERRORS = ("OverflowError", "ZeroDivisionError")


@dataclass(frozen=True)
class _Group:
    """One check's results: failed cases come first, because they say most. ``others`` confirm what fits these."""

    check: Check
    case_results: Sequence[CaseResult]
    others: Sequence[CaseResult] = ()

    @property
    def fails(self) -> bool:
        return bool(self.case_results) and not self.case_results[0].agrees

    def has_evidence(self, wrong: int, different: int) -> bool:
        """Tell whether there are enough wrong values, and enough different ones."""
        failed = [result.got for result in self.case_results if not result.agrees]
        values = [got for got in failed if is_value(got)]
        if len(values) >= wrong and len({repr(got) for got in values}) >= different:
            return True
        right = [result for result in self.case_results if result.agrees and is_value(result.got)]
        errors = [got for got in failed if is_error(got)]
        return bool(errors) and len(errors) == len(failed) and wrong == 1 and len(right) >= RIGHT_BESIDE_ERRORS


@dataclass(frozen=True)
class _Find:
    """Mistakes that compute what an answer computes in some failing checks.

    Attributes
    ----------
    mistakes : list of Mistake
    alone : bool
        Whether they leave other functions right.
    fits : bool
        Whether they give, in the other functions' failing checks, what the answer gives or what is right.
    """

    mistakes: list[Mistake]
    alone: bool
    fits: bool


def is_value(got: Any) -> bool:
    """Tell whether an observation is a value. An error, no result, or an unknown object can have any cause."""
    if isinstance(got, dict):
        return any(is_value(part) for part in got.values())
    if isinstance(got, list):
        return any(is_value(part) for part in got)
    if isinstance(got, np.ndarray) and got.dtype.kind in "fc":
        return bool(np.isfinite(got).any())
    return got is not None and not isinstance(got, Raised | Opaque)


def is_error(got: Any) -> bool:
    """Tell whether an observation is an error of the answer, or numbers none of which is finite: 0 / 0 raises none."""
    if isinstance(got, Raised):
        return got.kind != WRONG_KIND
    return isinstance(got, np.ndarray) and got.size > 0 and not is_value(got)


@dataclass(frozen=True)
class _Kind:
    """A kind of change, and how many (different) wrong values are needed as evidence for it.

    Attributes
    ----------
    loose : bool
        Whether an error of plain Python, such as OverflowError, counts as the infinity or NaN that arrays give there.
    """

    name: str
    wrong: int
    different: int
    loose: bool = False


KNOWN = (_Kind("known", 1, 1), _Kind("known", 1, 1, loose=True))
OTHERS = (
    _Kind("parts", 3, 2, loose=True),
    _Kind("changes", 4, 2, loose=True),
    _Kind("pairs", 3, 2, loose=True),
)
# Two mistakes of which each explains a part of the cases by itself are found soon, or not so.
SECONDS_OF_PARTS, MOST_PARTS = 1.5, 16


def name_mistakes(
    exercise: Exercise, case_results: Sequence[CaseResult], seconds: float, kinds: Sequence[_Kind]
) -> tuple[tuple[Mistake, ...], float]:
    """Return the one or two mistakes that an answer makes; nothing if none is known or the evidence is weak.

    A mistake may be made in one of an exercise's functions and not in another. So of each kind of change, one that
    reproduces everything is looked for first, then one for each function by itself.

    Parameters
    ----------
    exercise : Exercise
        With its known mistakes.
    case_results : sequence of CaseResult
        What the answer did, in failing and in passing cases of all its checks.
    seconds : float
        Processor time for all of the search.
    kinds : sequence of _Kind
        What to look for: `KNOWN`, `OTHERS`.

    Returns
    -------
    mistakes : tuple of Mistake
    spent : float
        Processor time that the search took.
    """
    groups = []
    for check in exercise.checks:
        own = sorted((result for result in case_results if result.check == check.name), key=partial(_rank, check))
        count = min(MOST_FAILED, max(LEAST_FAILED, check.examples // 2))
        failed, passed = ([one for one in own if one.agrees is agrees] for agrees in (False, True))
        right = max(count // 2, len(check.edges))
        more = MOST_OTHERS if check.examples >= MANY_EXAMPLES else 0
        others = [*failed[count:][:more], *passed[right:][: more // 2]]
        groups.append(_Group(check, [*failed[:count], *passed[:right]], others))
    failing = [group for group in groups if group.fails]
    if failing:
        build_for_all(exercise)
    before = seconds
    for kind in kinds:
        for parts in _split(failing):
            finds: list[_Find | None] = []
            for part in parts:
                found, spent = _Search(exercise, groups, part).find(kind, seconds)
                finds.append(found)
                seconds -= spent
            # What is said of another function than the first must not contradict what that one does, unless this has a
            # mistake of its own.
            named = [one for find in finds if find and (finds[0] or find.fits) for one in find.mistakes]
            if named:
                return tuple({mistake.name: mistake for mistake in named}.values()), before - seconds
    return (), before - seconds


def _rank(check: Check, result: CaseResult) -> tuple[bool, bool, bool, int]:
    """Return the sort key of a result: failed values first, those of small cases before others, which take longer.

    The check's edges come before its random cases: they are there to tell mistakes apart.
    """
    random = not any(result.case is edge for edge in check.edges)
    return result.agrees, not is_value(result.got), random, len(pack(result.case))


def _split(failing: Sequence[_Group]) -> Iterator[list[list[_Group]]]:
    """Yield groups of failing checks: all of them, those of each function, and the first one alone."""
    if not failing:
        return
    yield [list(failing)]
    entries = list(dict.fromkeys(group.check.entry for group in failing))
    if len(entries) > 1:
        yield [[group for group in failing if group.check.entry == entry] for entry in entries[:2]]
    if len(failing) > 1:
        yield [[failing[0]]]


class _Search:
    """Looks for changes that compute what an answer computes in some failing checks."""

    def __init__(self, exercise: Exercise, groups: Sequence[_Group], wanted: Sequence[_Group]) -> None:
        self.exercise, self.wanted = exercise, wanted
        entries = {group.check.entry for group in wanted}
        passing = [group for group in groups if group.case_results and not group.fails]
        # The same function's other checks speak against a change that lets them fail; another function may be right.
        self.own = [group for group in passing if group.check.entry in entries]
        self.others = [group for group in passing if group.check.entry not in entries]
        self.rest = [group for group in groups if group.fails and group.check.entry not in entries]
        self.loose = False

    def find(self, kind: _Kind, seconds: float) -> tuple[_Find | None, float]:
        """Return the fitting changes of one kind, or None, and the processor time of the search."""
        # A known mistake that computes wrong values of one check may raise in another: both must be as in the answer.
        enough = any if kind.name == "known" else all
        if seconds <= 0 or not enough(group.has_evidence(kind.wrong, kind.different) for group in self.wanted):
            return None, 0.0
        self.loose = kind.loose
        # With much time for all, no single one is given up soon.
        seconds_each = max(SECONDS_EACH, seconds / 10)
        values = any(is_value(one.got) for group in self.wanted for one in group.case_results if not one.agrees)
        # The first find that leaves other functions right is taken; of errors alone, a second one speaks against it.
        attempts = getattr(self, f"_try_{kind.name}")
        paired = kind.name in ("parts", "pairs")
        seconds = min(seconds, SECONDS_OF_PARTS) if kind.name == "parts" else seconds
        found: list[_Find]
        found, spent = run_apart(
            attempts,
            seconds_each,
            seconds,
            MOST_FINDS,
            lambda find: values and find.alone and find.fits and not paired,
        )
        if not values and len({tuple(one.says for one in find.mistakes) for find in found}) > 1:
            return None, spent  # errors alike: either may be what was done
        ranked = sorted(found, key=lambda find: not (find.fits and find.alone))
        if not ranked:
            return None, spent
        best = ranked[0]
        if paired:
            alike = [find for find in ranked if (find.fits, find.alone) == (best.fits, best.alone)]
            common = [one for one in best.mistakes if all(one in find.mistakes for find in alike)]
            return (replace(best, mistakes=common) if common else None), spent
        return best, spent

    def _holds(self, candidate: Answer, groups: Sequence[_Group]) -> bool:
        return all(self._reproduces(candidate, group.check, one) for group in groups for one in group.case_results)

    def _reproduces(
        self, candidate: Answer, check: Check, result: CaseResult, wanted: bool = False, same_errors: bool = True
    ) -> bool:
        result = replace(result, got=result.wanted) if wanted else result
        return reproduces(candidate, self.exercise, check, result, self.loose, same_errors)

    def _try(self, candidate: Answer | None, mistakes: list[Mistake]) -> _Find | None:
        """Return mistakes whose candidate gives what the answer gives."""
        asked = [*self.wanted, *self.own]
        if candidate is None or not self._holds(candidate, asked):
            return None
        if not all(self._reproduces(candidate, group.check, one) for group in asked for one in group.others):
            return None
        return _Find(mistakes, self._holds(candidate, self.others), self._leaves(candidate, self.rest))

    def _leaves(self, candidate: Answer, groups: Sequence[_Group]) -> bool:
        """Tell whether a candidate gives what the reference gives, or what the answer gives, in every case."""
        return all(
            any(self._reproduces(candidate, group.check, one, wanted, same_errors=False) for wanted in (False, True))
            for group in groups
            for one in group.case_results
        )

    def _try_numbers(self, *numbers: int) -> _Find | None:
        mistakes = [self.exercise.mistakes[number] for number in numbers]
        return self._try(build_candidate(self.exercise, numbers), mistakes)

    def _try_known(self) -> Iterator[Attempt]:
        for number in range(len(self.exercise.mistakes)):
            yield partial(self._try_numbers, number)

    def _list_pairs(self) -> list[tuple[int, ...]]:
        # Two changes of one term may compute by chance what a third one does, which nobody has listed yet.
        places = [find_terms(self.exercise, one) for one in self.exercise.mistakes]
        pairs = itertools.combinations(range(len(places)), 2)
        # The commonest mistakes come first in an exercise's list, and so the commonest pairs here.
        return sorted((pair for pair in pairs if not places[pair[0]] & places[pair[1]]), key=sum)

    def _try_pairs(self) -> Iterator[Attempt]:
        for numbers in self._list_pairs()[:MOST_PAIRS]:
            yield partial(self._try_numbers, *numbers)

    def _try_parts(self) -> Iterator[Attempt]:
        """Try the pairs of mistakes of which each alone gives what the answer gives in some of its wrong cases.

        Most cases show one of two mistakes and not the other: the hundreds of other pairs need not be tried.
        """
        explained: dict[int, set[int]] = {}
        for number in range(len(self.exercise.mistakes)):
            yield partial(self._explain_parts, number, explained)
        for one, other in self._list_pairs():
            ours, theirs = explained.get(one, set()), explained.get(other, set())
            # Those that show both have another result than either alone.
            if ours - theirs and theirs - ours and len(ours | theirs) >= LEAST_EXPLAINED * len(self._choose_failed()):
                yield partial(self._try_numbers, one, other)

    def _explain_parts(self, number: int, explained: dict[int, set[int]]) -> None:
        """Note in which wrong cases a mistake alone gives what the answer gives."""
        candidate = build_candidate(self.exercise, (number,))
        assert candidate is not None
        explained[number] = {
            place for place, (check, one) in enumerate(self._choose_failed()) if self._reproduces(candidate, check, one)
        }

    def _choose_failed(self) -> list[tuple[Check, CaseResult]]:
        """Return some of the wrong cases, evenly chosen: each is tried with every known mistake."""
        failed = [(group.check, one) for group in self.wanted for one in group.case_results if not one.agrees]
        return failed[:: max(1, len(failed) // MOST_PARTS)]

    def _try_changes(self) -> Iterator[Attempt]:
        reference = build_candidate(self.exercise, ())
        assert reference is not None
        group = self.wanted[0]
        seen = watch(lambda: list(reference_values(group.check, reference, group.case_results[0])))
        for change in itertools.islice(list_changes(seen), MOST_CHANGES):
            yield partial(self._try_change, reference, change)

    def _try_change(self, reference: Answer, change: Change) -> _Find | None:
        with change.made():
            found = self._try(reference, [])
        if found is None:
            return None
        name, says = change.replacement.name, change.replacement.says
        for varied in change.vary():
            with varied.made():
                if self._try(reference, []) is not None:
                    name, says = change.replacement.vaguely
        return replace(found, mistakes=[Mistake(name, says, ())])


class _Known:
    """An exercise as a key: by identity, since its parts cannot be hashed."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise

    def __hash__(self) -> int:
        return id(self.exercise)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.exercise is self.exercise


def build_candidate(exercise: Exercise, numbers: tuple[int, ...]) -> Answer | None:
    """Return the reference with mistakes of these numbers made in it; None if they exclude each other."""
    return _build(_Known(exercise), numbers)


_searched: set[str] = set()


def build_for_all(exercise: Exercise) -> None:
    """Build all known mistakes of an exercise in this process, if they were looked for before.

    What a search builds in its fork is gone with the fork. For one answer that is less than to build all of them; for
    several to one exercise, as in a class or while a learner goes on, it is more.
    """
    if exercise.name in _searched:
        for number in range(len(exercise.mistakes)):
            build_candidate(exercise, (number,))
    _searched.add(exercise.name)


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


def closeness_of(exercise: Exercise, check: Check) -> Tolerance:
    """Return how close an answer must come in a check."""
    rounding = exercise.rounding if check.rounding is None else check.rounding
    tolerance = exercise.tolerance if check.tolerance is None else check.tolerance
    return Tolerance(rounding, tolerance, absolute=check.absolute)


def reproduces(
    candidate: Answer,
    exercise: Exercise,
    check: Check,
    result: CaseResult,
    loose: bool = False,
    same_errors: bool = True,
) -> bool:
    """Tell whether a candidate gives the answer's observation.

    Parameters
    ----------
    candidate : Answer
        The reference with a change in it.
    exercise, check, result
        What the answer gave, and where.
    loose : bool
        As in `_Kind`.
    same_errors : bool
        Whether an error must be of the same type.
    """
    closeness = replace(closeness_of(exercise, check), same_errors=same_errors)
    return any(
        is_equal(result.got, wanted, closeness)
        or (loose and (overflows_as(result.got, wanted) or overflows_as(wanted, result.got)))
        for wanted in reference_values(check, candidate, result)
    )


def overflows_as(error: Any, value: Any) -> bool:
    """Tell whether plain Python raises where arrays give infinity or NaN: 0.0 / 0.0, math.exp(1000), math.log(0)."""
    if not isinstance(error, Raised):
        return False
    domain = error.kind == "ValueError" and "math domain" in error.text
    return (domain or error.kind in PLAIN_ERRORS) and lacks_a_number(value)


def lacks_a_number(value: Any) -> bool:
    """Tell whether an observation holds infinity or NaN."""
    if isinstance(value, dict):
        return any(map(lacks_a_number, value.values()))
    if isinstance(value, list):
        return any(map(lacks_a_number, value))
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc" and not np.isfinite(value).all()


def reference_values(check: Check, candidate: Answer, result: CaseResult) -> Iterator[object]:
    """Yield a candidate's plain observations in the case of a result; an error is an observation, too."""
    try:
        for wanted in check.reference_values(candidate, result.case, result.context):
            yield to_plain(wanted.value if isinstance(wanted, Observation) else wanted)
    except AnswerRaised as raised:
        yield Raised(raised.kind, raised.text, raised.line)
    except AnswerLacks:
        return
    except Exception as error:  # noqa: BLE001 - an answer may return anything
        # An observation that takes apart what is not of the kind it expects: see `groundup.judge.judging`.
        yield Raised(WRONG_KIND, str(error), None)
