"""Judges one answer: loads it, tries every check on edge cases and random ones, shrinks, and says what is wrong."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException

from groundup.data.cache import cache_folder
from groundup.judge.answer import Answer, AnswerLacks, AnswerRaised, Raised
from groundup.judge.compare import is_equal, to_plain
from groundup.judge.cost import describe_cost, measure_cost
from groundup.judge.exercise import Case, Check, Exercise, Observed
from groundup.judge.findings import find
from groundup.judge.naming import build_candidate, closeness_of, expect, name_mistakes
from groundup.judge.process import AnswerDied, AnswerProcess, Limits, Nursery, NurseryDied
from groundup.judge.verdict import WRONG_KIND, Trace, Verdict
from groundup.judge.wire import pack

MOST_TRACES = 40
SHORT = 12


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
        How long to look for pairs of known mistakes.
    measure : bool
        Whether a right answer is measured beside the reference.
    share : float
        Of each check's random cases, how many to try; edges are always tried, and a dozen others.
    limits : Limits
        What the answer may use.
    """

    seed: int = 0
    shrink_seconds: float = 0.5
    naming_seconds: float = 2.0
    measure: bool = False
    share: float = 1.0
    limits: Limits = field(default_factory=Limits)


class _Disagreement(Exception):
    """A case failed: hypothesis shrinks what raises."""


class _TimeIsUp(BaseException):
    """No more shrinking. Hypothesis lets through whatever is no `Exception`."""


def judge(exercise: Exercise, source: str, nursery: Nursery, effort: Effort = Effort()) -> Verdict:
    """Return the verdict on an answer.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    source : str
        The learner's file.
    nursery : Nursery
        Where it runs; its libraries must hold the exercise's.
    effort : Effort
        How much to look, and the limits.
    """
    started = time.monotonic()
    verdict = _judge(exercise, source, nursery, effort)
    verdict.seconds = time.monotonic() - started
    return verdict


def _judge(exercise: Exercise, source: str, nursery: Nursery, effort: Effort) -> Verdict:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        if isinstance(error, RecursionError | MemoryError):
            text = "it is nested too deeply"
        return Verdict(exercise.name, False, f"The file is not Python{place}: {text}.")
    if forbidden := find_forbidden(tree, exercise.forbidden):
        return Verdict(exercise.name, False, f"{forbidden} is what this exercise asks you to write: do without it.")
    with nursery.fork(effort.limits) as process:
        verdict = Verdict(exercise.name, False, "")
        try:
            reply = process.perform({"do": "load", "source": source, "forbidden": list(exercise.forbidden)})
            if "raised" in reply:
                line = f", line {reply['line']}" if isinstance(reply.get("line"), int) else ""
                text = f"The file does not run{line}: {reply['raised']}: {reply.get('text')}"[:600]
                return Verdict(exercise.name, False, text)
            answer = Answer(process.perform, exercise.entries)
            verdict = examine(exercise, answer, effort)
            if verdict.accepted and effort.measure:
                _add_cost(exercise, answer, source, verdict)
        except AnswerDied as died:
            verdict.headline = describe_death(died)
        _add_remarks(verdict, process)
        got = verdict.failing.got if verdict.failing else None
        if isinstance(got, Raised) and got.kind == "MemoryError":
            verdict.remarks.append(f"An answer may take {effort.limits.memory / 2**30:g} GiB of memory.")
        return verdict


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


def find_forbidden(tree: ast.AST, forbidden: Sequence[str]) -> str | None:
    """Return the first name in a file that the exercise does not allow, or None.

    Calls that no name gives away are refused where they happen.
    """
    names = (
        {str(name).rpartition(".")[2]: str(name) for name in forbidden} if isinstance(forbidden, list | tuple) else {}
    )
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            found = [names[alias.name] for alias in node.names if alias.name in names]
            if found:
                return found[0]
        elif isinstance(node, ast.Attribute) and node.attr in names:
            owner = ast.unparse(node.value)
            # A method of the learner's own object may bear the same name.
            if owner.partition(".")[0] in {"torch", "nn", "F", "functional", "np", "numpy"}:
                return names[node.attr]
        if any(name == "groundup" or name.startswith("groundup.") for name in modules):
            return "groundup itself"
    return None


def examine(exercise: Exercise, answer: Answer, effort: Effort = Effort()) -> Verdict:
    """Return the verdict on an answer that is loaded already; parameters as in `judge`.

    Raises
    ------
    AnswerDied
        The answer's process ended or hung.
    """
    # The reference with mistakes in it may overflow or divide by zero: that is nothing to warn the learner of.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _examine(exercise, answer, effort)


def _examine(exercise: Exercise, answer: Answer, effort: Effort) -> Verdict:
    verdict = Verdict(exercise.name, True, "Accepted.")
    reference = build_candidate(exercise, ())
    assert reference is not None
    lacking = [entry for entry in exercise.entries if not answer.has(entry)]
    traces: list[Trace] = []
    failed: Check | None = None
    for check in exercise.checks:
        if check.entry in lacking:
            continue
        search = _Search(exercise, check, answer, reference, effort, short=failed is not None)
        smallest = search.run()
        verdict.checks[check.name] = smallest is None
        verdict.cases += search.count
        traces += search.choose_traces()
        verdict.remarks += sorted(search.remarks - set(verdict.remarks))
        if smallest is not None and failed is None:
            failed, verdict.failing = check, smallest
    if failed is not None:
        _diagnose(exercise, failed, traces, verdict, effort)
        if not verdict.mistakes and verdict.failing is not None:
            verdict.findings = _explain(failed, answer, reference, verdict.failing) or verdict.findings
    elif lacking:
        verdict.accepted = False
        names = " and no ".join(exercise.entries[entry][0] for entry in lacking)
        right = "What is there is right. " if traces else ""
        verdict.headline = f"{right}The file has no {names} yet."
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
    verdict.findings = find(own, closeness_of(exercise, check), exercise.sizes, check.results)
    unwritten = isinstance(failing.got, Raised) and failing.got.kind == "NotImplementedError"
    named = () if unwritten else name_mistakes(exercise, exercise.checks, traces, effort.naming_seconds)
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
    if died.reason == "silence":
        return "It cut its connection to the judge: an answer leaves files that it did not open alone."
    return "Its process sent something that is no result: an answer leaves files that it did not open alone."


def _add_remarks(verdict: Verdict, process: AnswerProcess) -> None:
    for what in process.refused:
        verdict.remarks.append(f"It tried {what}: the judge does not allow that.")
    if process.printed > 1 << 20:
        verdict.remarks.append(f"It printed {process.printed / 1e6:.1f} MB: printing in a loop makes an answer slow.")


class _Search:
    """The cases of one check: edges, then random ones, shrunk where one fails."""

    def __init__(
        self, exercise: Exercise, check: Check, answer: Answer, reference: Answer, effort: Effort, short: bool
    ) -> None:
        self.check, self.answer, self.reference, self.effort = check, answer, reference, effort
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
            # The search went from one failing case to smaller ones: others tell more of what is wrong.
            self._draw(self._try_any, min(SHORT, self.examples), (Phase.generate,))
        return smallest

    def _draw(self, property_: Callable[[Case], None], examples: int, phases: tuple[Phase, ...]) -> None:
        # Hypothesis takes notes of the code it meets, in the learner's own folder if it is not told where.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
        test: Callable[[], None] = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )(seed(self.effort.seed)(given(self.check.cases)(property_)))
        with contextlib.suppress(_Disagreement, _TimeIsUp, HypothesisException, ExceptionGroup):
            test()

    def _try_any(self, case: Case) -> None:
        self.try_case(case)

    def _try_until_wrong(self, case: Case) -> None:
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
