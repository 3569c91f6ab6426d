"""A model answer with one mistake in it, for a learner to find and mend."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, zip_longest
from typing import TypeGuard

from groundup.judge.explain.mutation_kinds import list_changed_files
from groundup.judge.explain.mutation_places import BY_THE_STEP, NO_CONDITION, Replacement, write
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import Shown, Verdict

# So many changes are tried until one makes a clear mistake; the last one that was rejected is taken else.
MOST_TRIALS = 12
LIKELY = 2  # the least rank that is not likely
# Not shrunk: the smallest failing input is often all zeros, and the worked examples come first.
QUICK = CheckOptions(shrink_seconds=0.0, naming_seconds=0.5, share=0.5)
# No person writes these, so they show the place.
_GIVEN_AWAY = re.compile(rf"{NO_CONDITION}|^\s*pass$|- ?-|[=(]-0\b|\b(if|elif|while|not) _\b|^\s*[\w.]+$|\d\.0 [<>]")
_ERROR = re.compile(r"\w+(: |$| \(line)")
Judge = Callable[[str, CheckOptions], Verdict]


@dataclass(frozen=True)
class Change:
    """A model answer in which one line is wrong.

    Attributes
    ----------
    source : str
        The file.
    line : int
        The number of the wrong line, from 1.
    wrong, right : str
        The line as it is, and as it was.
    rank : int
        How likely a person makes it: 0 the most.
    name, says : str
        What is wrong, in some words, and as a sentence; both with the names in the file.
    """

    source: str
    line: int
    wrong: str
    right: str
    rank: int
    name: str
    says: str


@dataclass(frozen=True)
class Bug:
    """A change that the judge rejects.

    Attributes
    ----------
    change : Change
        What is wrong.
    shown : Shown
        An input, what comes of it, and what is right.
    mistake : str
        The name of the known mistake that computes the same; empty if there is none.
    """

    change: Change
    shown: Shown
    mistake: str


@lru_cache(maxsize=64)
def write_plainly(source: str) -> str:
    """Return a model answer in the form in which bugs are shown: without comments, all lines in one style."""
    return ast.unparse(ast.parse(source)) + "\n"


def list_changes(source: str) -> Iterator[Change]:
    """Yield a model answer with one line changed, in each way that the judge knows; one file each.

    Changes that leave a line empty, or need a helper of the judge's, are left out: they would show the place.
    """
    tree = ast.parse(source)
    right = ast.unparse(tree).splitlines()
    for replacement, text in list_changed_files(tree):
        wrong = text.splitlines()
        differs = [place for place, pair in enumerate(zip(wrong, right, strict=False)) if pair[0] != pair[1]]
        if len(wrong) != len(right) or len(differs) != 1 or _GIVEN_AWAY.search(wrong[differs[0]]):
            continue
        (line,) = differs
        before, after = wrong[line].strip(), right[line].strip()
        says = f"Line {line + 1}: {_exchange(replacement)}"
        yield Change(f"{text}\n", line + 1, before, after, replacement.rank, replacement.name, says)


def _exchange(replacement: Replacement) -> str:
    """Return what stands in place of what, as a sentence; the replacement must not be made meanwhile."""
    old = getattr(replacement.holder, replacement.field)
    if replacement.index is not None:
        old = old[replacement.index]
    if isinstance(old, ast.AST) and isinstance(replacement.new, ast.AST):
        return f"`{write(replacement.new)}` stands in place of `{write(old)}`."
    return f"{replacement.name}."


def explain(source: str, model_answer: str, verdict: Verdict) -> Verdict:
    """Return a verdict on a model answer with a bug, told with the names and lines of this file.

    The judge compares with the course's own step, so it may say what is wrong with the step's names. A file that is the
    model answer but for its wrong lines allows more: the lines are known, and often the change.

    Parameters
    ----------
    source : str
        The file.
    model_answer : str
        What it was made from.
    verdict : Verdict
        What the judge says of the file; a right one, and known mistakes, stay as they are.
    """
    if verdict.accepted or not any(BY_THE_STEP in one for one in verdict.findings):
        return verdict
    plain, right = write_plainly(source), write_plainly(model_answer)
    change = next((one for one in list_changes(model_answer) if one.source == plain), None)
    if change is not None:
        # The numbers are those of the file as it was planted, in which a learner may have added lines.
        says = change.says if source.splitlines() == plain.splitlines() else change.says.partition(": ")[2]
        return replace(verdict, headline=f"Not right yet: {change.name}.", mistakes=[change.name], findings=[says])
    pairs = list(zip_longest(plain.splitlines(), right.splitlines()))
    differs = [line for line, other in pairs if line != other]
    findings = [one for one in verdict.findings if BY_THE_STEP not in one]
    if len(differs) == 1 and None not in pairs[-1]:
        findings.append(f"`{differs[0].strip()}` is wrong. All other lines are as they should be.")
    headline = f"Not right yet: {verdict.shown.check}." if verdict.shown else verdict.headline
    return replace(verdict, headline=headline, mistakes=[], findings=findings)


def shuffle_changes(source: str, chance: random.Random) -> Iterator[Change]:
    """Yield the changes of a model answer in a random order, the likely ones of every line before the others."""
    by_line: dict[int, list[Change]] = {}
    for change in list_changes(source):
        by_line.setdefault(change.line, []).append(change)
    for changes in by_line.values():
        chance.shuffle(changes)
        changes.sort(key=lambda change: min(change.rank, LIKELY))
    # Line by line, so that a long one is not chosen more often than a short one.
    while by_line:
        for line in chance.sample(sorted(by_line), len(by_line)):
            yield by_line[line].pop(0)
            if not by_line[line]:
                del by_line[line]


def find_bug(source: str, judge: Judge, chance: random.Random) -> Bug | None:
    """Return a mistake at a random place of a model answer.

    Parameters
    ----------
    source : str
        The model answer.
    judge : callable
        ``(source, effort) -> Verdict`` of the same exercise.
    chance : random.Random
        Chooses.

    Returns
    -------
    Bug or None
        A change that computes a wrong value; None if the judge accepted or could not run every change tried.
    """
    second_best = None
    for change in islice(shuffle_changes(source, chance), MOST_TRIALS):
        verdict = judge(change.source, QUICK)
        if verdict.accepted or not can_be_shown(verdict.shown):
            continue
        bug = Bug(change, verdict.shown, verdict.mistakes[0] if verdict.mistakes else "")
        if not is_error(bug.shown):
            return bug
        second_best = second_best or bug
    return second_best


def can_be_shown(shown: Shown | None) -> TypeGuard[Shown]:
    """Tell whether a failing case shows what is wrong: a right result, and another that does not read like it."""
    return shown is not None and bool(shown.expected) and shown.got != shown.expected


def is_error(shown: Shown) -> bool:
    """Tell whether an answer failed by an error, which shows the place, and not by a wrong value."""
    return _ERROR.match(shown.got) is not None
