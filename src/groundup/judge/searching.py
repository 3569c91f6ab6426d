"""Looks for the smallest case of a check that an answer fails: edges first, then random ones, shrunk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException, InvalidArgument

from groundup.base.cache import cache_folder
from groundup.judge.answer import Answer, AnswerLacks, AnswerRaised, Raised, is_final
from groundup.judge.compare import is_equal, to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.explain.known_mistakes import closeness_of, reference_values
from groundup.judge.instructive import MUCH, grade_case
from groundup.judge.isolation.fork_server import AnswerDied, AnswerProcess, ForkServerDied, Limits
from groundup.judge.isolation.messages import pack
from groundup.judge.module_check import ModuleCheck
from groundup.judge.verdict import WRONG_KIND, CaseResult, show_value

MOST_CASE_RESULTS = 40
SHORT, MORE = 12, 24
# How many failing cases that teach little are met before one that teaches more is given up.
MOST_DULL = 12
# What is kept for the next answer: of so many checks, and of each what the reference gives for so many cases.
MOST_CHECKS, MOST_OBSERVED = 500, 400


@dataclass(frozen=True)
class CheckOptions:
    """How much to look.

    Attributes
    ----------
    seed : int
        Of the random cases.
    shrink_seconds : float
        How long to look for a smaller failing case.
    naming_seconds : float
        How much processor time to spend on finding out which mistake it is.
    measure : bool
        Whether a right answer is measured beside the reference.
    share : float
        Of each check's random cases, how many to try; edges are always tried, and a dozen others.
    limits : Limits
        What the answer may use.
    """

    seed: int = 0
    shrink_seconds: float = 0.5
    naming_seconds: float = 3.0
    measure: bool = False
    share: float = 1.0
    limits: Limits = field(default_factory=Limits)


class _Disagreement(Exception):
    """A case failed: hypothesis shrinks what raises."""


class JudgeError(Exception):
    """The judge itself is at fault: nothing can be said of the answer."""


class _TimeIsUp(BaseException):
    """No more shrinking. Hypothesis lets through whatever is no `Exception`."""


@dataclass(frozen=True)
class _Kept:
    """What is the same for every answer: the cases drawn for a check, and what the reference lets one observe.

    Attributes
    ----------
    check, reference
        Whose they are: while they are held here, their ids are no others'.
    cases : dict
        By seed and number of random cases.
    observed : dict
        By the packed case.
    """

    check: Check
    reference: Answer
    cases: dict[tuple[int, int], list[Case]] = field(default_factory=dict)
    observed: dict[bytes, list[object]] = field(default_factory=dict)


_kept: dict[tuple[int, int], _Kept] = {}


def keep(check: Check, reference: Answer) -> _Kept:
    """Return what is kept of a check, for the next answer to the same exercise."""
    if len(_kept) >= MOST_CHECKS:
        _kept.clear()
    return _kept.setdefault((id(check), id(reference)), _Kept(check, reference))


class Search:
    """The cases of one check: edges, then random ones, shrunk where one fails."""

    def __init__(
        self,
        exercise: Exercise,
        check: Check,
        answer: Answer,
        reference: Answer,
        effort: CheckOptions,
        short: bool,
        process: AnswerProcess | None,
    ) -> None:
        self.check, self.answer, self.reference, self.effort, self.process = check, answer, reference, effort, process
        self.closeness = closeness_of(exercise, check)
        self.kept = keep(check, reference)
        self.seen: dict[bytes, CaseResult] = {}
        self.count = 0
        self.short = short
        self.examples = max(min(SHORT, check.examples), round(effort.share * check.examples))
        self.deadline: float | None = None
        self.smallest: CaseResult | None = None
        self.least, self.dull = MUCH, dict[bytes, int]()
        self.remarks: set[str] = set()

    def run(self) -> CaseResult | None:
        """Return the smallest failing result, or None."""
        tried = [self.try_case(case) for case in self.check.edges]
        edges = [result for result in tried if not result.agrees]
        if edges and all(isinstance(one.got, Raised) and is_final(one.got.kind, one.got.text) for one in tried):
            return edges[0]
        if self.short:
            self._draw(self._try_any, min(SHORT, self.examples), (Phase.generate,))
            return next((result for result in self.seen.values() if not result.agrees), None)
        self._draw(self._try_until_wrong, self.examples, (Phase.generate, Phase.shrink))
        if self.smallest is None and self.dull:
            # The same cases, in the same order: what they gave is known.
            self.least = max(self.dull.values())
            self.dull.clear()
            self._draw(self._try_until_wrong, self.examples, (Phase.generate, Phase.shrink))
        best_edge = max(edges, key=self.grade, default=None)
        smallest = self.smallest or best_edge
        if smallest and best_edge and self.grade(best_edge) > self.grade(smallest):
            smallest = best_edge
        if smallest is not None:
            # The search went from one failing case to smaller ones: others tell more of what is wrong, and tell apart
            # what computes the same in some cases only.
            self._draw(self._try_any, min(MORE, self.examples), (Phase.generate,), another=1)
            smallest = self._find_simpler(smallest)
        return smallest

    def grade(self, result: CaseResult) -> int:
        """Return how much a failing case teaches; of a module's only its inputs, not the seed."""
        if result.wanted is None:
            return MUCH  # a module whose weights fit nowhere, whatever the inputs
        return grade_case(result.case[1] if isinstance(self.check, ModuleCheck) else result.case)

    def _find_simpler(self, smallest: CaseResult) -> CaseResult:
        """Return a failing case that is no larger and has the shortest numbers: −1 rather than −5.85017."""
        most, least = len(pack(smallest.case)), self.grade(smallest)
        no_larger = [
            (key, result)
            for key, result in self.seen.items()
            if not result.agrees and len(key) <= most and self.grade(result) >= least
        ]
        shown = [(len(show_value(result.case)), len(key), result) for key, result in no_larger]
        best = min(shown, key=lambda one: one[:2], default=None)
        return best[2] if best is not None and best[0] < len(show_value(smallest.case)) else smallest

    def _draw(
        self, property_: Callable[[Case], None], examples: int, phases: tuple[Phase, ...], another: int = 0
    ) -> None:
        key = self.effort.seed + another, examples
        if key in self.kept.cases:
            try:
                for case in self.kept.cases[key]:
                    property_(case)
                return
            except _TimeIsUp:
                return
            except _Disagreement:
                # Hypothesis draws it again, and smaller ones: what was tried before it is known.
                self.smallest = self.deadline = None
        cases: list[Case] = []

        def try_drawn(case: Case) -> None:
            cases.append(case)
            property_(case)

        # Hypothesis takes notes of the code it meets, in the learner's own folder if it is not told where.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
        test: Callable[[], None] = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )(seed(self.effort.seed + another)(given(self.check.cases)(try_drawn)))
        try:
            test()
            self.kept.cases[key] = cases
        except InvalidArgument:
            raise  # a check whose cases cannot be drawn would let every answer pass
        except (_Disagreement, _TimeIsUp, HypothesisException, ExceptionGroup):
            pass

    def _try_any(self, case: Case) -> None:
        self._check_patience()
        self.try_case(case)

    def _check_patience(self) -> None:
        if self.process is not None and self.process.spent > self.effort.limits.patience:
            raise _TimeIsUp

    def _try_until_wrong(self, case: Case) -> None:
        self._check_patience()
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise _TimeIsUp
        result = self.try_case(case)
        if result.agrees:
            return
        grade = self.grade(result)
        if grade < self.least:
            self.dull[pack(case)] = grade
            if len(self.dull) >= MOST_DULL and self.smallest is None:
                raise _TimeIsUp
        else:
            # What fails while shrinking is smaller than what failed before.
            self.smallest = result
            self.deadline = self.deadline or time.monotonic() + self.effort.shrink_seconds
            raise _Disagreement

    def try_case(self, case: Case) -> CaseResult:
        """Return the result of a case."""
        key = pack(case)
        if key in self.seen:
            return self.seen[key]
        self.count += 1
        got, context = self._observe(case)
        result = CaseResult(self.check.name, case, got, None, False, context)
        wanted = self._observe_reference(key, result)
        if any(isinstance(item, Raised) and item.kind == WRONG_KIND for item in wanted):
            raise JudgeError(f"{self.check.name}: the reference cannot be observed: {wanted[0]}")
        agrees = any(is_equal(got, item, self.closeness) for item in wanted)
        result = replace(result, wanted=wanted[0] if wanted else None, agrees=agrees)
        self.seen[key] = result
        return result

    def _observe_reference(self, key: bytes, result: CaseResult) -> list[object]:
        """Return what the reference lets one observe in the case of a result; kept where the result does not matter."""
        if type(self.check).reference_values is not Check.reference_values:
            return list(reference_values(self.check, self.reference, result))
        known = self.kept.observed.get(key)
        if known is None:
            known = list(reference_values(self.check, self.reference, result))
            if len(self.kept.observed) < MOST_OBSERVED:
                self.kept.observed[key] = known
        return known

    def _observe(self, case: Case) -> tuple[object, object]:
        """Return what a case lets one observe, plain, and its context."""
        try:
            seen = self.check.observe(self.answer, case)
            if isinstance(seen, Observation):
                self.remarks |= {seen.remark} - {""}
                return to_plain(seen.value), seen.context
            return to_plain(seen), None
        except AnswerRaised as raised:
            return Raised(raised.kind, raised.text, raised.line), None
        except AnswerLacks as lacks:
            return Raised("AttributeError", f"there is no {lacks}", None), None
        except (AnswerDied, ForkServerDied, HypothesisException):
            raise
        except Exception as error:  # noqa: BLE001 - an answer may return anything
            # An observation that takes apart what is not of the kind it expects.
            return Raised(WRONG_KIND, str(error)[:200], None), None

    def choose_case_results(self) -> list[CaseResult]:
        """Return the results to learn from: all edge cases and an even selection of the rest."""
        case_results = list(self.seen.values())
        failed = [result for result in case_results if not result.agrees]
        passed = [result for result in case_results if result.agrees]
        return [*failed[:MOST_CASE_RESULTS], *passed[: MOST_CASE_RESULTS // 2]]
