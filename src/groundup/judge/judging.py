"""Judges one answer: loads it, tries every check on edge cases and random ones, shrinks, and says what is wrong."""

from __future__ import annotations

import ast
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from groundup.judge.answer import FORBIDDEN, Answer, AnswerLacks, AnswerRaised, Raised, is_unwritten
from groundup.judge.cost import describe_cost, measure_cost
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.explain.error_advice import advise_on_self, advise_on_syntax
from groundup.judge.explain.findings import find
from groundup.judge.explain.known_mistakes import KNOWN, OTHERS, build_candidate, closeness_of, name_mistakes
from groundup.judge.explain.repairs import TABS, Repair, untabify
from groundup.judge.explain.showing import name_arguments, show_failing
from groundup.judge.explain.wording import describe_death, describe_forbidden, describe_lent, fill_in, find_sizes
from groundup.judge.isolation.fork_server import AnswerDied, AnswerProcess, ForkServer, ForkServerDied
from groundup.judge.reading import choose_modules, describe_names, list_imports
from groundup.judge.remarks import Remark, Use, choose_remarks, say_once
from groundup.judge.repairing import Stage, find_repair
from groundup.judge.searching import CheckOptions, Search
from groundup.judge.stability import find_unstable
from groundup.judge.verdict import CaseResult, Verdict

__all__ = ["CheckOptions", "examine", "judge"]

EFFORT = CheckOptions()
MOST_PRINTED = 2000
# From an answer's results: without which mistake, that beginners make, it is right; see `find_repair`.
FindRepair = Callable[[Sequence[CaseResult], Sequence[str], Stage], Repair | None]


def judge(exercise: Exercise, source: str, fork_server: ForkServer, effort: CheckOptions = EFFORT) -> Verdict:
    """Return the verdict on an answer.

    Where its process is lost, or the one that it was to start from, it is judged once more, from a new one: an answer
    is not to blame for what an earlier one did.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    source : str
        The learner's file.
    fork_server : ForkServer
        Where it runs.
    effort : CheckOptions
        How much to look, and the limits.

    Raises
    ------
    ForkServerDied
        Two processes in a row did not start, or ended.
    """
    started = time.monotonic()
    try:
        verdict = _judge(exercise, source, fork_server, effort)
    except _Lost as lost:
        fork_server.restart()
        try:
            verdict = _judge(exercise, source, fork_server, effort)
        except _Lost:
            verdict = lost.verdict
    except ForkServerDied:
        fork_server.restart()
        try:
            verdict = _judge(exercise, source, fork_server, effort)
        except _Lost as lost:
            verdict = lost.verdict
    verdict.seconds = time.monotonic() - started
    return verdict


class _Lost(Exception):
    """An answer's process went silent, which may be its own doing or that of an answer before it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.headline)
        self.verdict = verdict


def _judge(exercise: Exercise, source: str, fork_server: ForkServer, effort: CheckOptions) -> Verdict:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        if isinstance(error, RecursionError | MemoryError):
            text = "it is nested too deeply"
        mixed = has_mixed_tabs(source, error)
        advice = advise_on_syntax(TabError() if mixed else error)
        headline = f"The file is not Python{place}: {text}."
        return Verdict(exercise.name, False, headline, [TABS] if mixed else [], [advice] if advice else [])
    if imports_groundup(tree):
        return Verdict(exercise.name, False, "groundup itself is what this exercise asks you to write: do without it.")
    verdict = Verdict(exercise.name, False, "")
    with fork_server.fork(effort.limits, choose_modules(tree)) as process:
        try:
            lent = _load(exercise, source, tree, process, verdict)
            if lent is not None:
                answer = Answer(process.perform, exercise.entries)
                verdict = examine(
                    exercise, answer, effort, process, partial(find_repair, exercise, source, fork_server, effort)
                )
                if verdict.accepted and effort.measure:
                    _add_cost(exercise, answer, source, verdict, fork_server, effort)
                    _add_stability(exercise, answer, verdict, effort)
                verdict.remarks += [Remark(told, Use.LENT) for told in describe_lent(lent)]
        except AnswerDied as died:
            verdict.accepted, verdict.headline = False, describe_death(died)
            if died.reason in ("silence", "noise"):
                raise _Lost(verdict) from None
        _add_remarks(verdict, process)
        verdict.remarks = choose_remarks(verdict.remarks) if verdict.accepted else [*map(str, verdict.remarks)]
        got = verdict.failing.got if verdict.failing else None
        if isinstance(got, Raised) and (advice := advise_on_self(got, tree)) and not verdict.mistakes:
            verdict.findings.append(advice)
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


def _add_cost(
    exercise: Exercise, answer: Answer, source: str, verdict: Verdict, fork_server: ForkServer, effort: CheckOptions
) -> None:
    reference = build_candidate(exercise, ())
    assert reference is not None
    try:
        cost = measure_cost(exercise, answer, reference, partial(_measure_model_answer, exercise, fork_server, effort))
    except (AnswerRaised, AnswerLacks):
        told = "It is right on small inputs, but does not take the large one that it is measured on."
        verdict.remarks.append(Remark(told, Use.LIMITS))
        return
    except AnswerDied as died:
        reason = describe_death(died).replace("It ", "it ", 1)
        told = f"It is right on small inputs; on the large one that it is measured on {reason}"
        verdict.remarks.append(Remark(told, Use.LIMITS))
        return
    if cost is not None:
        verdict.cost = cost.to_json()
        verdict.remarks += describe_cost(cost, source, exercise.read("model_answer.py"))


def _measure_model_answer(
    exercise: Exercise, fork_server: ForkServer, effort: CheckOptions, entry: str, sizes: Case | None, arguments: Case
) -> tuple[float, float]:
    source = exercise.read("model_answer.py")
    tree = ast.parse(source)
    with fork_server.fork(effort.limits, choose_modules(tree)) as process:
        process.perform({"do": "load", "source": source, "forbidden": [], **describe_names(tree)})
        return Answer(process.perform, exercise.entries).measure(entry, sizes, arguments)


def _add_stability(exercise: Exercise, answer: Answer, verdict: Verdict, effort: CheckOptions) -> None:
    reference = build_candidate(exercise, ())
    assert reference is not None
    # An answer that takes too long on larger inputs is as right as before.
    with suppress(AnswerDied), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if unstable := find_unstable(exercise, answer, reference, verdict.tried, effort):
            verdict.remarks.append(Remark(unstable, Use.UNSTABLE))


def has_mixed_tabs(source: str, error: BaseException) -> bool:
    """Tell whether a file is Python but for its tabs."""
    return isinstance(error, TabError) or (
        isinstance(error, IndentationError) and any(is_python(text) for text in untabify(source))
    )


def is_python(text: str) -> bool:
    """Tell whether a text is a file of Python."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def imports_groundup(tree: ast.AST) -> bool:
    """Tell whether a file imports this package, which holds the answer."""
    return any(name.partition(".")[0] == "groundup" for name in list_imports(tree))


def examine(
    exercise: Exercise,
    answer: Answer,
    effort: CheckOptions = EFFORT,
    process: AnswerProcess | None = None,
    repair: FindRepair | None = None,
) -> Verdict:
    """Return the verdict on an answer that is loaded already; parameters as in `judge`.

    ``process`` tells how much time the answer has taken; without one it has all it wants. ``repair`` finds out whether
    it makes one of the mistakes that beginners make in all exercises; without one these are not looked for.

    Raises
    ------
    AnswerDied
        The answer's process ended or hung.
    """
    # The reference with mistakes in it may overflow or divide by zero: that is nothing to warn the learner of.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _examine(exercise, answer, effort, process, repair)


def _examine(
    exercise: Exercise,
    answer: Answer,
    effort: CheckOptions,
    process: AnswerProcess | None,
    repair: FindRepair | None,
) -> Verdict:
    verdict = Verdict(exercise.name, True, "Accepted.")
    reference = build_candidate(exercise, ())
    assert reference is not None
    lacking = [entry for entry in exercise.entries if not answer.has(entry)]
    case_results: list[CaseResult] = []
    failed: Check | None = None
    failed_entries: set[str] = set()
    beyond: list[str] = []
    for check in exercise.checks:
        if check.entry in lacking:
            continue
        search = Search(exercise, check, answer, reference, effort, short=failed is not None, process=process)
        smallest = search.run()
        verdict.cases += search.count
        if smallest is not None and check.beyond:
            beyond.append(Remark(check.beyond, Use.LIMITS))
            continue
        if smallest is None or not (check.repeats and check.entry in failed_entries):
            verdict.checks[check.name] = smallest is None
        if smallest is not None:
            failed_entries.add(check.entry)
        case_results += search.choose_case_results()
        verdict.remarks += sorted(search.remarks)
        if smallest is not None and failed is None:
            failed, verdict.failing = check, smallest
    # What a wrong answer does beyond the course comes of what is wrong.
    verdict.remarks = say_once(verdict.remarks + (beyond if failed is None else []))
    if verdict.failing is not None:
        verdict.shown = show_failing(exercise, verdict.failing)
    if failed is not None:
        explain = partial(_explain, failed, answer, reference)
        _diagnose(exercise, failed, case_results, verdict, effort, explain, repair, lacking)
    elif lacking:
        verdict.accepted = False
        names = " and no ".join(exercise.entries[entry][0] for entry in lacking)
        right = "What is there is right. " if case_results else ""
        verdict.headline = f"{right}The file has no {names} yet."
        if repair and (found := repair(case_results, lacking, Stage.CLEAR)):
            _name(verdict, [found.name], [found.says])
    else:
        verdict.tried = case_results
    if process is not None and process.spent > effort.limits.patience and verdict.accepted:
        verdict.remarks.append(Remark("It is slow: only a part of the cases was tried.", Use.LIMITS))
    if answer.changed and not verdict.mistakes:
        entry, place = min(answer.changed)
        name = exercise.entries[entry][0]
        changes = f"{name} changes its argument {place + 1} in place: its caller may not expect that."
        if failed:
            verdict.findings.append(changes)
        else:
            verdict.remarks.append(Remark(changes, Use.CALLER))
    return verdict


def _explain(check: Check, answer: Answer, reference: Answer, failing: CaseResult) -> list[str]:
    try:
        return check.explain(answer, reference, failing.case, failing.context)
    except (AnswerDied, ForkServerDied):
        raise
    except Exception:  # noqa: BLE001 - a finding more is not worth a failure
        # A wrong answer need not do on further inputs what it did on the first ones.
        return []


def _diagnose(
    exercise: Exercise,
    check: Check,
    case_results: list[CaseResult],
    verdict: Verdict,
    effort: CheckOptions,
    explain: Callable[[CaseResult], list[str]],
    repair: FindRepair | None,
    lacking: Sequence[str],
) -> None:
    """Say what is wrong: a known mistake, what only the check itself can tell, a small change, or what is noticed."""
    verdict.accepted = False
    failing = verdict.failing
    assert failing is not None
    own = [
        failing,
        *(result for result in case_results if result.check == check.name and result is not failing),
    ]
    forbidden = next((one.got.text for one in own if isinstance(one.got, Raised) and one.got.kind == FORBIDDEN), None)
    if forbidden is not None:
        verdict.headline = describe_forbidden(forbidden)
        verdict.findings, verdict.failing, verdict.shown = [], None, None
        return
    verdict.headline = f"Not right yet: {check.name}."
    unwritten = isinstance(failing.got, Raised) and is_unwritten(failing.got.kind, failing.got.text)
    if unwritten and not any(result.agrees for result in own):
        which = f": {exercise.entries[check.entry][0]}" if len(exercise.entries) > 1 else ""
        verdict.headline = f"Not written yet{which}."
    ordered = [failing, *(result for result in case_results if result is not failing)]
    if not unwritten and repair and (found := repair(ordered, lacking, Stage.CLEAR)):
        _name(verdict, [found.name], [found.says])
        return
    named, spent = ((), 0.0) if unwritten else name_mistakes(exercise, case_results, effort.naming_seconds, KNOWN)
    if not named and not unwritten and repair and (found := repair(ordered, lacking, Stage.GENERAL)):
        _name(verdict, [found.name], [found.says])
        return
    explained = [] if named else explain(failing)
    # Where a module's weights fit nowhere, what is said of them is more than any change of ours.
    fits = failing.wanted is not None and not check.decides
    if not named and not unwritten and (fits or not explained):
        raised = failing.got if isinstance(failing.got, Raised) else None
        # What an answer says itself comes first, and one that ends the process has no small error.
        ended = raised is not None and raised.kind == "SystemExit"
        if repair and not ended and (found := repair(ordered, lacking, Stage.SLIPS)):
            _name(verdict, [found.name], [*(_notice(exercise, check, own) if raised else []), found.says])
            return
        named, _ = name_mistakes(exercise, case_results, effort.naming_seconds - spent, OTHERS)
    if named:
        sizes = find_sizes(exercise, failing.case)
        _name(verdict, [mistake.name for mistake in named], [fill_in(mistake.says, sizes) for mistake in named])
        return
    verdict.findings = explained or _notice(exercise, check, own)


def _notice(exercise: Exercise, check: Check, own: Sequence[CaseResult]) -> list[str]:
    """Return what the results of a check show, the failing one first."""
    arguments = name_arguments(exercise, own[0])
    return find(own, closeness_of(exercise, check), exercise.sizes, check.results, arguments)


def _name(verdict: Verdict, names: list[str], says: list[str]) -> None:
    verdict.mistakes, verdict.findings = names, says
    verdict.headline = f"Not right yet: {' and '.join(names)}."


def _add_remarks(verdict: Verdict, process: AnswerProcess) -> None:
    for what in process.refused:
        verdict.remarks.append(Remark(f"It tried {what}: the judge does not allow that.", Use.REFUSED))
    verdict.printed = process.output[:MOST_PRINTED].decode("utf-8", "replace")
    if process.printed > 1 << 20:
        told = f"It printed {process.printed / 1e6:.1f} MB: printing in a loop makes an answer slow."
        verdict.remarks.append(Remark(told, Use.SLOW))
