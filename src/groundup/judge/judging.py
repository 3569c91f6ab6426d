"""Judges one answer: loads it, tries every check on edge cases and random ones, shrinks, and says what is wrong."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException

from groundup.data.cache import cache_folder
from groundup.judge.answer import Answer, AnswerLacks, AnswerRaised, Raised
from groundup.judge.compare import is_equal, to_plain
from groundup.judge.cost import describe_cost, measure_cost
from groundup.judge.exercise import Case, Check, Exercise, Observed
from groundup.judge.findings import find
from groundup.judge.lending import USUAL, write_import
from groundup.judge.naming import build_candidate, closeness_of, expect, name_mistakes
from groundup.judge.process import AnswerDied, AnswerProcess, Limits, Nursery, NurseryDied
from groundup.judge.reading import choose_modules, describe_names, list_imports
from groundup.judge.showing import name_arguments, show_failing
from groundup.judge.verdict import WRONG_KIND, Trace, Verdict
from groundup.judge.wire import pack

MOST_TRACES = 40
# The error's name, as `groundup.judge.forbidding` has it, which is not imported here: it is the other side.
FORBIDDEN = "Forbidden"
SHORT, MORE = 12, 24


@dataclass(frozen=True)
class Effort:
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


def judge(exercise: Exercise, source: str, nursery: Nursery, effort: Effort = Effort()) -> Verdict:
    """Return the verdict on an answer.

    Where its process is lost, or the one that it was to start from, it is judged once more, from a new one: an answer
    is not to blame for what an earlier one did.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    source : str
        The learner's file.
    nursery : Nursery
        Where it runs.
    effort : Effort
        How much to look, and the limits.

    Raises
    ------
    NurseryDied
        Two processes in a row did not start, or ended.
    """
    started = time.monotonic()
    try:
        verdict = _judge(exercise, source, nursery, effort)
    except _Lost as lost:
        nursery.restart()
        try:
            verdict = _judge(exercise, source, nursery, effort)
        except _Lost:
            verdict = lost.verdict
    except NurseryDied:
        nursery.restart()
        try:
            verdict = _judge(exercise, source, nursery, effort)
        except _Lost as lost:
            verdict = lost.verdict
    verdict.seconds = time.monotonic() - started
    return verdict


class _Lost(Exception):
    """An answer's process went silent, which may be its own doing or that of an answer before it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.headline)
        self.verdict = verdict


def _judge(exercise: Exercise, source: str, nursery: Nursery, effort: Effort) -> Verdict:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        if isinstance(error, RecursionError | MemoryError):
            text = "it is nested too deeply"
        return Verdict(exercise.name, False, f"The file is not Python{place}: {text}.")
    if imports_groundup(tree):
        return Verdict(exercise.name, False, "groundup itself is what this exercise asks you to write: do without it.")
    verdict = Verdict(exercise.name, False, "")
    with nursery.fork(effort.limits, choose_modules(tree)) as process:
        try:
            lent = _load(exercise, source, tree, process, verdict)
            if lent is not None:
                answer = Answer(process.perform, exercise.entries)
                verdict = examine(exercise, answer, effort, process)
                if verdict.accepted and effort.measure:
                    _add_cost(exercise, answer, source, verdict)
                verdict.remarks += describe_lent(lent)
        except AnswerDied as died:
            verdict.accepted, verdict.headline = False, describe_death(died)
            if died.reason in ("silence", "noise"):
                raise _Lost(verdict) from None
        _add_remarks(verdict, process)
        got = verdict.failing.got if verdict.failing else None
        if isinstance(got, Raised) and got.kind == "MemoryError":
            verdict.remarks.append(f"An answer may take {effort.limits.memory / 2**30:g} GiB of memory.")
        return verdict


def _load(
    exercise: Exercise, source: str, tree: ast.AST, process: AnswerProcess, verdict: Verdict
) -> dict[str, Any] | None:
    """Load an answer; return what was lent to it. Where it does not load the verdict says so, and None comes back."""
    request = {"source": source, "forbidden": list(exercise.forbidden), **describe_names(tree)}
    reply = process.perform({"do": "load", **request})
    if "raised" not in reply:
        value = reply.get("value")
        return value if isinstance(value, dict) else {}
    line = f", line {reply['line']}" if isinstance(reply.get("line"), int) else ""
    if reply["raised"] == FORBIDDEN:
        verdict.headline = describe_forbidden(str(reply.get("text")))
    else:
        verdict.headline = f"The file does not run{line}: {reply['raised']}: {reply.get('text')}"[:600]
    return None


def describe_forbidden(name: str) -> str:
    """Return what is said of an answer that calls what the statement forbids."""
    return f"{name[:200]} is what this exercise asks you to write: do without it."


def describe_lent(lent: dict[str, Any]) -> list[str]:
    """Return remarks on names that an answer uses without importing them, and on imports of what is not installed."""
    names = [str(name) for name in lent.get("names", []) if str(name) in USUAL]
    remarks = []
    if names:
        told = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        imports = ", ".join(f"`{statement}`" for statement in dict.fromkeys(map(write_import, names)))
        remarks.append(
            f"It uses {told} without importing {'them' if len(names) > 1 else 'it'}. The course's site has them at "
            f"hand, so that is accepted; a file of your own needs {imports}."
        )
    if absent := [str(name)[:80] for name in lent.get("absent", [])]:
        told = ", ".join(absent)
        remarks.append(f"It imports {told}, not installed here: that does no harm as long as nothing of it is used.")
    return remarks


def _add_cost(exercise: Exercise, answer: Answer, source: str, verdict: Verdict) -> None:
    reference = build_candidate(exercise, ())
    assert reference is not None
    try:
        cost = measure_cost(exercise, answer, reference)
    except (AnswerRaised, AnswerLacks):
        verdict.remarks.append("It is right on small inputs, but does not take the large one that it is measured on.")
        return
    except AnswerDied as died:
        reason = describe_death(died).replace("It ", "it ", 1)
        verdict.remarks.append(f"It is right on small inputs; on the large one that it is measured on {reason}")
        return
    if cost is not None:
        verdict.cost = cost.to_json()
        verdict.remarks += describe_cost(cost, source)


def imports_groundup(tree: ast.AST) -> bool:
    """Tell whether a file imports this package, which holds the answer."""
    return any(name.partition(".")[0] == "groundup" for name in list_imports(tree))


def examine(
    exercise: Exercise, answer: Answer, effort: Effort = Effort(), process: AnswerProcess | None = None
) -> Verdict:
    """Return the verdict on an answer that is loaded already; parameters as in `judge`.

    ``process`` tells how much time the answer has taken; without one it has all it wants.

    Raises
    ------
    AnswerDied
        The answer's process ended or hung.
    """
    # The reference with mistakes in it may overflow or divide by zero: that is nothing to warn the learner of.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _examine(exercise, answer, effort, process)


def _examine(exercise: Exercise, answer: Answer, effort: Effort, process: AnswerProcess | None) -> Verdict:
    verdict = Verdict(exercise.name, True, "Accepted.")
    reference = build_candidate(exercise, ())
    assert reference is not None
    lacking = [entry for entry in exercise.entries if not answer.has(entry)]
    traces: list[Trace] = []
    failed: Check | None = None
    for check in exercise.checks:
        if check.entry in lacking:
            continue
        search = _Search(exercise, check, answer, reference, effort, short=failed is not None, process=process)
        smallest = search.run()
        verdict.cases += search.count
        if smallest is not None and check.beyond:
            verdict.remarks.append(check.beyond)
            continue
        verdict.checks[check.name] = smallest is None
        traces += search.choose_traces()
        verdict.remarks += sorted(search.remarks - set(verdict.remarks))
        if smallest is not None and failed is None:
            failed, verdict.failing = check, smallest
    if verdict.failing is not None:
        verdict.shown = show_failing(exercise, verdict.failing)
    if failed is not None:
        _diagnose(exercise, failed, traces, verdict, effort)
        if not verdict.mistakes and verdict.failing is not None:
            verdict.findings = _explain(failed, answer, reference, verdict.failing) or verdict.findings
    elif lacking:
        verdict.accepted = False
        names = " and no ".join(exercise.entries[entry][0] for entry in lacking)
        right = "What is there is right. " if traces else ""
        verdict.headline = f"{right}The file has no {names} yet."
    if process is not None and process.spent > effort.limits.patience and verdict.accepted:
        verdict.remarks.append("It is slow: only a part of the cases was tried.")
    if answer.changed and not failed:
        entry, place = min(answer.changed)
        verdict.remarks.append(
            f"{exercise.entries[entry][0]} changes its argument {place + 1} in place: its caller may not expect that."
        )
    return verdict


def _explain(check: Check, answer: Answer, reference: Answer, failing: Trace) -> list[str]:
    try:
        return check.explain(answer, reference, failing.case, failing.context)
    except (AnswerDied, NurseryDied):
        raise
    except Exception:
        # A wrong answer need not do on further inputs what it did on the first ones.
        return []


def _diagnose(exercise: Exercise, check: Check, traces: list[Trace], verdict: Verdict, effort: Effort) -> None:
    verdict.accepted = False
    failing = verdict.failing
    assert failing is not None
    sizes = tell_sizes(exercise, failing.case)
    own = [failing, *(trace for trace in traces if trace.check == check.name and trace is not failing)]
    arguments = name_arguments(exercise, failing)
    verdict.findings = find(own, closeness_of(exercise, check), exercise.sizes, check.results, arguments)
    forbidden = next((one.got.text for one in own if isinstance(one.got, Raised) and one.got.kind == FORBIDDEN), None)
    if forbidden is not None:
        verdict.headline = describe_forbidden(forbidden)
        verdict.findings, verdict.failing, verdict.shown = [], None, None
        return
    unwritten = isinstance(failing.got, Raised) and failing.got.kind == "NotImplementedError"
    named = () if unwritten else name_mistakes(exercise, traces, effort.naming_seconds)
    if named:
        verdict.mistakes = [mistake.name for mistake in named]
        said = [fill_in(mistake.says, sizes) for mistake in named]
        verdict.findings = said
        verdict.headline = f"Not right yet: {' and '.join(verdict.mistakes)}."
    else:
        verdict.headline = f"Not right yet: {check.name}."


def tell_sizes(exercise: Exercise, case: Case) -> dict[str, int]:
    """Return the sizes of a case by name; none where the exercise tells none of this kind of case."""
    try:
        return dict(exercise.sizes(*case)) if exercise.sizes else {}
    except (TypeError, IndexError, AttributeError):
        return {}


def fill_in(text: str, sizes: Mapping[str, int]) -> str:
    """Put sizes into a mistake's text; a size that this case does not tell stays a name, and so does a telling 1."""
    for name in re.findall(r"{(\w+)}", text):
        if sizes.get(name) == 1:
            # "N = 1 times too large" tells nothing.
            text = text.replace(f"{name} = {{{name}}}", name)
        text = text.replace(f"{{{name}}}", str(sizes.get(name, name)))
    return text


def describe_death(died: AnswerDied) -> str:
    """Return how an answer's process ended, in words."""
    if died.reason == "time":
        return f"It did not end within {died.detail} s: does a loop never stop?"
    if died.reason == "exit":
        return f"It ended the whole program (exit code {died.detail}): an answer returns a value and never exits."
    if died.reason == "signal":
        return f"It crashed the Python interpreter ({died.detail})."
    if died.reason == "size":
        return f"It returned {died.detail} MB and more in all: far more than any right answer."
    if died.reason == "files":
        return f"Its files take too much room: {died.detail} MB and more, or more than a thousand of them."
    if died.reason == "silence":
        return "It could not be judged: its process went silent, two times. Does it close files that it did not open?"
    return (
        "It could not be judged: its process sent something that is no result, two times. Does it write into files "
        "that it did not open?"
    )


def _add_remarks(verdict: Verdict, process: AnswerProcess) -> None:
    for what in process.refused:
        verdict.remarks.append(f"It tried {what}: the judge does not allow that.")
    if process.printed > 1 << 20:
        verdict.remarks.append(f"It printed {process.printed / 1e6:.1f} MB: printing in a loop makes an answer slow.")


class _Search:
    """The cases of one check: edges, then random ones, shrunk where one fails."""

    def __init__(
        self,
        exercise: Exercise,
        check: Check,
        answer: Answer,
        reference: Answer,
        effort: Effort,
        short: bool,
        process: AnswerProcess | None,
    ) -> None:
        self.check, self.answer, self.reference, self.effort, self.process = check, answer, reference, effort, process
        self.closeness = closeness_of(exercise, check)
        self.seen: dict[bytes, Trace] = {}
        self.count = 0
        self.short = short
        self.examples = max(min(SHORT, check.examples), round(effort.share * check.examples))
        self.deadline: float | None = None
        self.smallest: Trace | None = None
        self.remarks: set[str] = set()

    def run(self) -> Trace | None:
        """Return the smallest failing trace, or None."""
        edges = [trace for case in self.check.edges if not (trace := self.try_case(case)).agrees]
        if self.short:
            self._draw(self._try_any, min(SHORT, self.examples), (Phase.generate,))
            return next((trace for trace in self.seen.values() if not trace.agrees), None)
        self._draw(self._try_until_wrong, self.examples, (Phase.generate, Phase.shrink))
        smallest = self.smallest or (edges[0] if edges else None)
        if smallest is not None:
            # The search went from one failing case to smaller ones: others tell more of what is wrong, and tell apart
            # what computes the same in some cases only.
            self._draw(self._try_any, min(MORE, self.examples), (Phase.generate,), another=1)
        return smallest

    def _draw(
        self, property_: Callable[[Case], None], examples: int, phases: tuple[Phase, ...], another: int = 0
    ) -> None:
        # Hypothesis takes notes of the code it meets, in the learner's own folder if it is not told where.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
        test: Callable[[], None] = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )(seed(self.effort.seed + another)(given(self.check.cases)(property_)))
        with contextlib.suppress(_Disagreement, _TimeIsUp, HypothesisException, ExceptionGroup):
            test()

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
        trace = self.try_case(case)
        if not trace.agrees:
            # What fails while shrinking is smaller than what failed before.
            self.smallest = trace
            self.deadline = self.deadline or time.monotonic() + self.effort.shrink_seconds
            raise _Disagreement

    def try_case(self, case: Case) -> Trace:
        """Return a case's trace."""
        key = pack(case)
        if key in self.seen:
            return self.seen[key]
        self.count += 1
        got, context = self._observe(case)
        trace = Trace(self.check.name, case, got, None, False, context)
        wanted = list(expect(self.check, self.reference, trace))
        if any(isinstance(item, Raised) and item.kind == WRONG_KIND for item in wanted):
            raise JudgeError(f"{self.check.name}: the reference cannot be observed: {wanted[0]}")
        agrees = any(is_equal(got, item, self.closeness) for item in wanted)
        trace = replace(trace, wanted=wanted[0] if wanted else None, agrees=agrees)
        self.seen[key] = trace
        return trace

    def _observe(self, case: Case) -> tuple[object, object]:
        """Return what a case lets one observe, plain, and its context."""
        try:
            seen = self.check.look(self.answer, case)
            if isinstance(seen, Observed):
                self.remarks |= {seen.remark} - {""}
                return to_plain(seen.value), seen.context
            return to_plain(seen), None
        except AnswerRaised as raised:
            return Raised(raised.kind, raised.text, raised.line), None
        except AnswerLacks as lacks:
            return Raised("AttributeError", f"there is no {lacks}", None), None
        except (AnswerDied, NurseryDied, HypothesisException):
            raise
        except Exception as error:
            # An observation that takes apart what is not of the kind it expects.
            return Raised(WRONG_KIND, str(error)[:200], None), None

    def choose_traces(self) -> list[Trace]:
        """Return traces to learn from: all edges and a spread of the rest."""
        traces = list(self.seen.values())
        failed = [trace for trace in traces if not trace.agrees]
        passed = [trace for trace in traces if trace.agrees]
        return [*failed[:MOST_TRACES], *passed[: MOST_TRACES // 2]]
