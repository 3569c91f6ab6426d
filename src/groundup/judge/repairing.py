"""Names a beginner's mistake by taking it out of the answer: without it, everything must come out right.

That is stronger than a likeness of values: the answer's own file, with this one change, gives what the reference gives,
in every case in which it was wrong and in those in which it was right.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum, auto

import numpy as np

from groundup.judge.answer import Answer
from groundup.judge.exercise import Check, Exercise
from groundup.judge.explain.known_mistakes import build_candidate
from groundup.judge.explain.repairs import Repair, Repairs, list_repairs
from groundup.judge.explain.slips import list_slips
from groundup.judge.isolation.fork_server import AnswerDied, AnswerProcess, ForkServer
from groundup.judge.reading import choose_modules, describe_names
from groundup.judge.searching import CheckOptions, Search
from groundup.judge.verdict import CaseResult

MOST_FAILED, MOST_PASSED = 12, 8
# Of how many places of one kind each is tried by itself, and of how many the one is looked for that is enough.
MOST_SINGLE, MOST_NARROWED = 6, 20
SECONDS = 2.0


class Stage(Enum):
    """What to look for: what is told before an exercise's own mistakes, after them, and any small error at last."""

    CLEAR = auto()
    GENERAL = auto()
    SLIPS = auto()


MOST_TRIES = {Stage.CLEAR: 60, Stage.GENERAL: 60, Stage.SLIPS: 400}
# A learner waits for it, mostly in vain where the file holds several errors.
SLIP_SECONDS = 1.5
# Many small changes make a loop endless.
SECONDS_OF_SLIP = 0.5


def find_repair(
    exercise: Exercise,
    source: str,
    fork_server: ForkServer,
    effort: CheckOptions,
    case_results: Sequence[CaseResult],
    lacking: Sequence[str] = (),
    stage: Stage = Stage.CLEAR,
) -> Repair | None:
    """Return the mistake without which an answer is right; None where it is none of those that are known for all.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    source : str
        The learner's file, which is Python.
    fork_server : ForkServer
        Where it runs once more, changed.
    effort : CheckOptions
        Its ``naming_seconds`` bound the search.
    case_results : sequence of CaseResult
        What the answer did, the failing case that is shown first. If none failed, it is asked what is lacking.
    lacking : sequence of str
        Those functions and classes that the file lacks.
    stage : Stage
        What to look for.
    """
    tree = ast.parse(source)
    failed = [result for result in case_results if not result.agrees]
    breaks = any(not isinstance(result.got, np.ndarray) for result in failed)
    sought = {name: exercise.entries[name] for name in lacking}
    there = [name for name in exercise.entries if name not in lacking]
    kinds: list[tuple[Sequence[str], Iterator[Repairs]]] = []
    general = stage is Stage.GENERAL
    if lacking and stage is Stage.CLEAR:
        kinds.append((list(exercise.entries), list_repairs(source, tree, sought, exercise.rounding, breaks, general)))
    if failed and stage is Stage.SLIPS:
        kinds.append((there, list_slips(tree)))
    elif failed:
        kinds.append((there, list_repairs(source, tree, {}, exercise.rounding, breaks, general)))
    for needed, kind in kinds:
        with _Trial(exercise, needed, fork_server, effort, case_results, choose_modules(tree), stage) as trial:
            if found := trial.find(kind):
                return found
    return None


class _Trial:
    """Runs changed answers, as long as there is time: one after the other in one process, a right one in its own."""

    def __init__(
        self,
        exercise: Exercise,
        needed: Sequence[str],
        fork_server: ForkServer,
        effort: CheckOptions,
        case_results: Sequence[CaseResult],
        libraries: Sequence[str],
        stage: Stage,
    ) -> None:
        self.exercise, self.needed, self.fork_server, self.libraries = exercise, needed, fork_server, libraries
        # Of hundreds of changes one may be right in a few cases only.
        self.thorough = stage is Stage.SLIPS
        seconds = min(SECONDS_OF_SLIP if self.thorough else SECONDS, effort.limits.seconds)
        self.effort = replace(effort, limits=replace(effort.limits, seconds=seconds))
        self.left, self.spent, self.started = MOST_TRIES[stage], 0.0, time.process_time()
        reference = build_candidate(exercise, ())
        assert reference is not None
        self.reference = reference
        self.seconds = min(effort.naming_seconds, SLIP_SECONDS) if self.thorough else effort.naming_seconds
        checks = [check for check in exercise.checks if not check.beyond and check.entry in needed]
        self.results: list[tuple[Check, list[CaseResult]]] = [
            (check, choose([one for one in case_results if one.check == check.name])) for check in checks
        ]
        # The check that failed first says most, and it says it soonest.
        self.results.sort(key=lambda one: all(result.agrees for result in one[1]))
        self.process: AnswerProcess | None = None

    def __enter__(self) -> _Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def find(self, kinds: Iterator[Repairs]) -> Repair | None:
        """Return the first of several repairs that makes an answer right."""
        for repairs in kinds:
            if self.is_right(repairs.whole.source):
                # Of several places the one that is enough says more than all of them.
                singles = itertools.islice(repairs.singles(), MOST_NARROWED)
                return next((one for one in singles if self.is_right(one.source)), repairs.whole)
            if repairs.mixed:
                singles = itertools.islice(repairs.singles(), MOST_SINGLE)
                if found := next((one for one in singles if self.is_right(one.source)), None):
                    return found
        return None

    def is_right(self, source: str) -> bool:
        """Tell whether a file is a right answer, as far as the cases that were tried tell."""
        taken = time.process_time() - self.started + self.spent + (self.process.spent if self.process else 0.0)
        if self.left == 0 or taken > self.seconds:
            return False
        self.left -= 1
        try:
            request = self._describe(source)
        except (SyntaxError, RecursionError):
            return False
        try:
            self.process = self.process or self.fork_server.fork(self.effort.limits, self.libraries)
            if not self._holds(self.process, request, first=True):
                return False
        except AnswerDied:
            self._charge_death()
            self._end()
            return False
        self._end()
        try:
            with self.fork_server.fork(self.effort.limits, self.libraries) as process:
                return self._holds(process, request)
        except AnswerDied:
            self._charge_death()
            return False

    def _charge_death(self) -> None:
        """Count the time of a run that ended in no reply: mostly an endless loop, up to its limit."""
        self.spent += self.effort.limits.seconds

    def _end(self) -> None:
        if self.process is not None:
            self.spent += self.process.spent
            self.process.__exit__()
            self.process = None

    def _describe(self, source: str) -> dict[str, object]:
        names = describe_names(ast.parse(source))
        return {"do": "load", "source": source, "forbidden": list(self.exercise.forbidden), **names}

    def _holds(self, process: AnswerProcess, request: dict[str, object], first: bool = False) -> bool:
        """Tell whether a file gives what it should in every case, or in the ``first`` one."""
        if "raised" in process.perform(request):
            return False
        answer = Answer(process.perform, self.exercise.entries)
        if not all(answer.has(entry) for entry in self.needed):
            return False
        for check, results in self.results[:1] if first else self.results:
            search = Search(self.exercise, check, answer, self.reference, self.effort, not self.thorough, process=None)
            if not all(search.try_case(one.case).agrees for one in results[: 1 if first else None]):
                return False
            if not first and (self.thorough or not results) and search.run():
                return False
        return True


def choose(results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return enough of a check's results: those that failed first."""
    failed, passed = ([one for one in results if one.agrees is agrees] for agrees in (False, True))
    return [*failed[:MOST_FAILED], *passed[:MOST_PASSED]]
