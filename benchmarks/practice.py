"""Whether every question and bug that practice can ask has exactly one right answer: all of them, not a sample.

Run ``python benchmarks/practice.py [--exercise NAME ...] [--part bugs|questions|curves] [--shard N/ALL] [--json]``.

No list of all questions is needed. A question offers three outcomes of which no two are taken for each other, so it has
one right answer if that holds for every pair that it may offer:

- bugs and programs: every one-line change of every model answer must be in that line alone, so that the line put right
  is the model answer, which must be accepted. Each change is judged once. One that is rejected was proven wrong by an
  input, and what it gives must read otherwise than what is right; one that is accepted is never asked about. To judge
  all takes most of the time: ``--shard 3/40`` judges one part of 40, and does the rest whole.
- questions on results and mistakes: the reference and every mistake run on every worked example, twice. A pair that
  may be offered must differ in what is shown, in its name, and in both runs.
- curves: every mistake of an exercise that trains runs with two seeds, twice each. It must give the same curve both
  times, so that the distances by which choices are chosen are those that are shown.
"""

import argparse
import hashlib
import json
import random
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

from groundup.exercises.practice import questions
from groundup.exercises.practice.bugs import QUICK, Change, can_be_shown, is_error, list_changes, write_plainly
from groundup.exercises.practice.curves import MARGIN, frame, measure_distance, run_all
from groundup.exercises.practice.desk import write_planted
from groundup.exercises.practice.trainings import TRAININGS
from groundup.exercises.registry import choose_libraries, list_names, load_exercise, read_model_answer
from groundup.judge.compare import Tolerance, is_equal
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import show_value
from groundup.judge.warm_judge import WarmJudge

PARTS = ("bugs", "questions", "curves")
SEEDS = (0, 1)
# As practice judges, but for the name of the mistake, which says nothing of whether a bug may be asked about.
UNNAMED = replace(QUICK, naming_seconds=0.0)


def belongs(shard: tuple[int, int], *what: object) -> bool:
    """Tell whether something is of a shard (number, from 0, of so many): by its content, so that none is left out."""
    number, count = shard
    key = hashlib.sha256("\n".join(map(str, what)).encode()).digest()
    return int.from_bytes(key[:8], "big") % count == number


@cache
def find_changes(name: str) -> list[Change]:
    """Return all one-line changes of a model answer."""
    return list(list_changes(read_model_answer(name)))


def check_changes(name: str, counts: Counter[str]) -> Iterator[str]:
    """Yield what is wrong with the one-line changes of a model answer, whatever the judge says of them."""
    right = write_plainly(read_model_answer(name)).splitlines()
    for change in find_changes(name):
        counts["changes"] += 1
        wrong = change.source.splitlines()
        differ = [place for place, pair in enumerate(zip(right, wrong, strict=True), 1) if pair[0] != pair[1]]
        if differ != [change.line]:
            yield f"{name}: {change.wrong!r} is not one changed line"
        if (wrong[change.line - 1].strip(), right[change.line - 1].strip()) != (change.wrong, change.right):
            yield f"{name}: {change.wrong!r} is not what stands in line {change.line}"
        if write_planted(name, {"line": change.line, "wrong": change.wrong}) != change.source:
            yield f"{name}: {change.wrong!r} cannot be written again"
        compile(change.source, name, "exec")


def judge_changes(name: str, warm: WarmJudge, shard: tuple[int, int], counts: Counter[str]) -> Iterator[str]:
    """Judge the one-line changes of a model answer that belong to a shard; yield what is wrong."""
    libraries = choose_libraries(name, read_model_answer(name))
    for change in find_changes(name):
        if not belongs(shard, name, change.source):
            continue
        counts["changes judged"] += 1
        verdict = warm.judge(name, change.source, UNNAMED, libraries)
        if verdict.accepted:
            counts["changes that make no difference, never asked about"] += 1
        elif can_be_shown(verdict.shown):
            counts["bugs, by an error" if is_error(verdict.shown) else "bugs, by a wrong value"] += 1
        else:
            counts["changes that cannot be shown, never asked about"] += 1
            if verdict.shown and verdict.shown.got == verdict.shown.expected:
                yield f"{name}: {change.wrong!r} gives what reads like the right value, {verdict.shown.got[:60]}"


def check_questions(name: str, counts: Counter[str]) -> Iterator[str]:
    """Run every mistake on every worked example, twice; yield what is wrong."""
    exercise = load_exercise(name)
    names = Counter(mistake.name for mistake in exercise.mistakes)
    for one, times in names.items():
        if times > 1:
            yield f"{name}: {times} mistakes are called {one!r}"
    chosen = list(range(len(exercise.mistakes)))
    closeness = Tolerance(None, exercise.tolerance)
    runs = [
        {(one.check, one.case, one.mistake): one for one in questions.observe(exercise, chosen, seconds=120.0)}
        for _ in range(2)
    ]
    counts["outcomes"] += len(runs[0])
    for check, case, right, wrong in questions.group(exercise, list(runs[0].values()), random.Random(0)):
        texts = [show_value(one.value) for one in (right, *wrong)]
        for one in (right, *wrong):
            again = runs[1].get((one.check, one.case, one.mistake))
            if again is None or show_value(again.value) != show_value(one.value):
                yield f"{name}, {check.name}, {case}: {_name(exercise, one)} differs from run to run"
        everything = list(zip((right, *wrong), texts, strict=True))
        for (one, text), (other, words) in combinations(everything, 2):
            if text == words or is_equal(one.value, other.value, closeness):
                counts["pairs that are alike, never offered together"] += 1
            else:
                counts["pairs that may be offered together"] += 1


def _name(exercise, outcome) -> str:
    return "the reference" if outcome.mistake is None else exercise.mistakes[outcome.mistake].name


def check_curves(name: str, counts: Counter[str]) -> Iterator[str]:
    """Run every mistake of an exercise that trains, twice per seed; yield what is wrong."""
    exercise = load_exercise(name)
    everything = range(len(exercise.mistakes))
    for training in TRAININGS.get(name, ()):
        for seed in SEEDS:
            runs = [run_all(exercise, training, seed, everything) for _ in range(2)]
            if None not in runs[0]:
                yield f"{name}: the right program gives no curve"
                continue
            low, high = frame(runs[0][None])
            counts["curves"] += len(runs[0])
            for one in runs[0].keys() | runs[1].keys():
                pair = [run.get(one) for run in runs]
                if None in pair or measure_distance(*pair, low, high) > 1e-6:
                    yield f"{name}: the curve of {one} differs from run to run"
            apart = [one for one in runs[0] if one is not None and _differ(runs[0][one], runs[0][None], low, high)]
            counts["curves that differ from the right one"] += len(apart)
            offered = sum(_differ(runs[0][one], runs[0][other], low, high) for one, other in combinations(apart, 2))
            counts["pairs of curves that may be offered together"] += offered


def _differ(one, other, low, high) -> bool:
    return measure_distance(one, other, low, high) >= MARGIN


def check(names, parts, shard, warm, counts) -> Iterator[str]:
    """Yield all that is wrong."""
    for name in names:
        if "questions" in parts:
            yield from check_questions(name, counts)
        if "curves" in parts:
            yield from check_curves(name, counts)
        if "bugs" in parts:
            yield from check_changes(name, counts)
            right = write_plainly(read_model_answer(name))
            if not warm.judge(name, right, CheckOptions(), choose_libraries(name, right)).accepted:
                yield f"{name}: the model answer is rejected"
            yield from judge_changes(name, warm, shard, counts)


def measure_seconds() -> float:
    """Return the processor seconds of this process and those that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exercise", nargs="*", default=list_names())
    parser.add_argument("--part", nargs="*", default=PARTS, choices=PARTS)
    parser.add_argument("--shard", default="0/1", help="for example 3/24: the fourth of 24 equal parts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    number, _, count = options.shard.partition("/")
    counts: Counter[str] = Counter()
    wrong = []
    with WarmJudge(load_exercise) as warm:
        for name in options.exercise:
            for told in check([name], options.part, (int(number), int(count)), warm, counts):
                wrong.append(told)
                print(told, file=sys.stderr, flush=True)
            print(f"{name}: {dict(counts)}", file=sys.stderr, flush=True)
    facts = {**counts, "wrong": len(wrong), "processor seconds": round(measure_seconds())}
    if options.json:
        print(json.dumps({**facts, "what is wrong": wrong}))
    else:
        for name, figure in facts.items():
            print(f"{figure:>8,}  {name}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
