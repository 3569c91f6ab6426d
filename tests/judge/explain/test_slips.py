"""One small error in an answer's own file is told with its line, where the file without it is right."""

import ast

import numpy as np
import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge import repairing
from groundup.judge.explain.slips import NAME, list_slips
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.repairing import SECONDS_OF_SLIP, SLIP_SECONDS, Stage, find_repair
from groundup.judge.verdict import CaseResult

EFFORT = CheckOptions(share=0.3, shrink_seconds=0.05, naming_seconds=20.0)
EXERCISE = load_exercise("softmax")
# It goes a way of its own: no change of the model answer computes what this computes with an error in it.
RIGHT = '''import numpy as np

# A comment, which has a line, too.
def softmax(z):
    """Return powers."""
    total = np.logaddexp.reduce(z)
    powers = z - total
    result = np.exp(powers)
    return result
'''
SIGN = RIGHT.replace("z - total", "z + total")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (SIGN, "Line 7: with `powers = z - total` in place of `powers = z + total`, the answer would be right."),
        (
            RIGHT.replace("np.exp(powers)\n", "np.exp(powers)\n    result *= 2\n"),
            "Line 9: without `result *= 2`, the answer would be right.",
        ),
    ],
)
def test_the_line_is_told(wrong, says, fork_server):
    verdict = judge(EXERCISE, wrong, fork_server, EFFORT)
    assert (verdict.headline, verdict.findings) == (f"Not right yet: {NAME}.", [says])


def test_two_lines_in_the_wrong_order_are_told_with_what_python_says(fork_server):
    head, total, rest = RIGHT.partition("    total = np.logaddexp.reduce(z)\n")
    first, second, end = rest.partition("    powers = z - total\n")
    verdict = judge(EXERCISE, head + first + second + total + end, fork_server, EFFORT)
    told = "Line 6: with `total = np.logaddexp.reduce(z)` before `powers = z - total`, the answer would be right."
    assert "UnboundLocalError" in verdict.findings[0]
    assert verdict.findings[-1] == told


def test_two_errors_are_not_one(fork_server):
    verdict = judge(EXERCISE, SIGN.replace("return result", "return result + z"), fork_server, EFFORT)
    assert NAME not in verdict.mistakes


def test_a_change_that_is_right_by_chance_is_not_told(fork_server):
    source = "def softmax(z):\n    return z + 0.25\n"
    # z + 0.5 is right for two zeros, as the change asks, and for nothing else.
    failed = [
        CaseResult(check.name, (zeros,), zeros + 0.25, zeros + 0.5, False)
        for check, zeros in zip(EXERCISE.checks, (np.zeros(2), np.zeros(2, int)), strict=True)
    ]
    assert find_repair(EXERCISE, source, fork_server, EFFORT, failed, (), Stage.SLIPS) is None


def test_changes_that_make_a_loop_endless_do_not_keep_a_learner_waiting(fork_server, monkeypatch):
    deaths = []
    charge = repairing._Trial._charge_death
    monkeypatch.setattr(repairing._Trial, "_charge_death", lambda self: deaths.append(self.thorough) or charge(self))
    # Nearly every change of these lines leaves the place where it is.
    loop = "    place = 0\n    while place < 4:\n        place = place + 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1\n"
    source = f"def softmax(z):\n{loop}{loop}    return z * 0.3 + 0.1\n"
    source = source.replace("* 1", "* (2 - 1)")
    verdict = judge(EXERCISE, source, fork_server, EFFORT)
    assert not verdict.accepted
    assert 0 < sum(deaths) <= SLIP_SECONDS / SECONDS_OF_SLIP + 1


def test_a_condition_that_is_never_true_is_no_advice():
    told = [
        one.whole.says for one in list_slips(ast.parse("def f(x):\n    if x > 0:\n        x = x * 2\n    return x"))
    ]
    assert any("if x >= 0:" in says for says in told)
    assert not [says for says in told if "if False" in says or "if True" in says or "not True" in says]
