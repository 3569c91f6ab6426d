"""Two known mistakes at once, of every exercise: whether they are rejected, and whether the verdict names them.

Run ``python benchmarks/pairs.py [--pairs 4] [--exercise NAME ...] [--shard N/ALL] [--json]``. So many random pairs of
each exercise's first mistakes, which are the commonest, are made in the reference and judged. A shard judges one of so
many equal parts of them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Iterable, Iterator

from groundup.exercises.registry import list_names, load_exercise
from groundup.judge.exercise import Exercise
from groundup.judge.explain.edits import EditError
from groundup.judge.explain.known_mistakes import build_candidate
from groundup.judge.judging import CheckOptions, examine

# Naming a pair takes up to 9 s on a quiet machine: with no more time than that, a slow one would name fewer.
EFFORT = CheckOptions(seed=2, shrink_seconds=0.1, naming_seconds=40.0, share=0.5)
# The first mistakes of each exercise are the commonest: a verdict has no time for all pairs of a hundred.
COMMONEST = 15
Pair = tuple[Exercise, tuple[int, int]]


def choose_pairs(names: Iterable[str], per_exercise: int, seed: int = 0) -> Iterator[Pair]:
    """Yield pairs of mistakes of some exercises; those of one do not depend on which others there are."""
    for name in names:
        exercise = load_exercise(name)
        pairs = list(itertools.combinations(range(min(COMMONEST, len(exercise.mistakes))), 2))
        chosen = random.Random(f"{seed} {name}").sample(pairs, min(per_exercise, len(pairs)))
        yield from ((exercise, pair) for pair in chosen)


def judge_pairs(pairs: Iterable[Pair]) -> dict[str, object]:
    """Judge pairs; return how many, how many of them were named, and which were accepted or not named."""
    judged, named = 0, 0
    accepted, unnamed = [], []
    for exercise, pair in pairs:
        try:
            candidate = build_candidate(exercise, pair)
        except EditError:
            continue
        if candidate is None:
            continue
        verdict = examine(exercise, candidate, EFFORT)
        judged += 1
        named += bool(verdict.mistakes)
        if verdict.accepted or not verdict.mistakes:
            told = f"{exercise.name}: {' and '.join(exercise.mistakes[number].name for number in pair)}"
            (accepted if verdict.accepted else unnamed).append(told)
    return {"judged": judged, "named": named, "accepted": accepted, "not named": unnamed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=4, help="of each exercise")
    parser.add_argument("--exercise", nargs="*", default=list_names())
    parser.add_argument("--shard", default="0/1", help="for example 3/4: the last of 4 equal parts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    number, _, parts = options.shard.partition("/")
    pairs = itertools.islice(choose_pairs(options.exercise, options.pairs), int(number), None, int(parts))
    print(json.dumps(judge_pairs(pairs), indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
