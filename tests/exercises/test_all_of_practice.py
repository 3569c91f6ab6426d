"""Every question and bug that practice can ask has exactly one right answer, not only those of some seeds.

What is cheap is tried whole at each run. The rest comes in turns, another part whenever a mistake is added: all
mistakes of one exercise (as many parts as exercises), of one that trains (16 parts), and a thousandth of the one-line
changes, judged. GROUNDUP_PRACTICE_PART=NUMBER tries another part; `benchmarks/practice.py` tries all.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from groundup.exercises.practice.trainings import TRAININGS
from groundup.exercises.registry import list_names, load_exercise
from groundup.judge.warm_judge import WarmJudge

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import practice

SHARDS = 1000
PART = int(os.environ.get("GROUNDUP_PRACTICE_PART") or sum(len(load_exercise(name).mistakes) for name in list_names()))


@pytest.mark.parametrize("name", list_names())
def test_every_change_is_one_line_that_is_written_again(name):
    counts = Counter()
    assert list(practice.check_changes(name, counts)) == []
    assert counts["changes"]


@pytest.mark.parametrize("name", list_names())
def test_no_two_mistakes_of_an_exercise_have_one_name(name):
    names = [mistake.name for mistake in load_exercise(name).mistakes]
    assert len(names) == len(set(names))


def test_the_changes_of_this_part_are_judged():
    counts = Counter()
    with WarmJudge(load_exercise) as warm:
        for name in list_names():
            assert list(practice.judge_changes(name, warm, (PART % SHARDS, SHARDS), counts)) == [], f"part {PART}"
    assert counts["changes judged"] > 0


def test_the_questions_of_this_part_have_one_right_answer():
    name, counts = list_names()[PART % len(list_names())], Counter()
    assert list(practice.check_questions(name, counts)) == [], f"part {PART}"


def test_the_curves_of_this_part_are_the_same_twice():
    name, counts = list(TRAININGS)[PART % len(TRAININGS)], Counter()
    assert list(practice.check_curves(name, counts)) == [], f"part {PART}"
    assert counts["pairs of curves that may be offered together"] > 0


def test_the_shards_hold_every_change_once():
    shards = [practice.belongs((number, 5), "softmax", "x = 1") for number in range(5)]
    assert sum(shards) == 1
