"""Two known mistakes at once: always rejected, and nearly always named."""

import itertools
import random
import zlib

import pytest

from groundup.exercises.registry import LADDER, load_exercise
from groundup.judge.explain.edits import EditError
from groundup.judge.explain.known_mistakes import build_candidate
from groundup.judge.judging import CheckOptions, examine

# Naming a pair takes up to 9 s on a quiet machine: with no more time than that, a slow one would name fewer.
EFFORT = CheckOptions(seed=2, shrink_seconds=0.1, naming_seconds=40.0, share=0.5)
# The first mistakes of each exercise are the commonest: a verdict has no time for all pairs of a hundred.
PAIRS_AN_EXERCISE, COMMONEST = 1, 15


def choose_pairs(per_exercise=PAIRS_AN_EXERCISE, seed=0):
    """Yield pairs of half of the exercises; a new exercise changes neither which these are nor their pairs."""
    for name in (name for name in LADDER if zlib.crc32(name.encode()) % 2 == 0):
        exercise = load_exercise(name)
        pairs = list(itertools.combinations(range(min(COMMONEST, len(exercise.mistakes))), 2))
        chosen = random.Random(f"{seed} {name}").sample(pairs, min(per_exercise, len(pairs)))
        yield from ((exercise, pair) for pair in chosen)


@pytest.mark.slow
def test_pairs_are_rejected_and_four_in_five_named():
    judged, named, accepted = 0, 0, []
    for exercise, pair in choose_pairs():
        try:
            candidate = build_candidate(exercise, pair)
        except EditError:
            continue
        if candidate is None:
            continue
        verdict = examine(exercise, candidate, EFFORT)
        judged += 1
        named += bool(verdict.mistakes)
        if verdict.accepted:
            accepted.append((exercise.name, [exercise.mistakes[number].name for number in pair]))
    # What is left are pairs that cancel each other out, which a right answer may hold.
    assert len(accepted) <= judged // 20, accepted
    assert named >= 0.8 * (judged - len(accepted))
