"""The failing input that is shown teaches something, where such a one fails."""

import numpy as np
import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.explain.showing import show_failing
from groundup.judge.instructive import LITTLE, MUCH, NOTHING, grade_case
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.verdict import CaseResult

EFFORT = CheckOptions(seed=1, naming_seconds=0.0, shrink_seconds=5.0)


@pytest.mark.parametrize(
    ("case", "grade"),
    [
        ((np.zeros((2, 2)),), NOTHING),
        ((np.zeros((0, 3)), 1.0), NOTHING),
        ((np.array([1.0, 2.0]), 0), NOTHING),
        ((np.array([1.0, 2.0]), ""), NOTHING),
        (([[0.0, 0.0]],), NOTHING),
        ((np.array([[1.0, 2.0], [2.0, 1.0]]),), LITTLE),
        ((np.array([3, 3]),), LITTLE),
        ((np.array([[1.0, 2.0], [3.0, 0.0]]), 2, "a", True, None), MUCH),
        ((np.array([0.0, 1.0, 1.0]),), MUCH),
        ((np.array([2, 3, 3]), {"a": [1, 2]}), MUCH),
    ],
    ids=str,
)
def test_zeros_and_equal_numbers_teach_less(case, grade):
    assert grade_case(case) == grade


WRONG = {
    "regression-forward": "def get_model_prediction(X, weights):\n    return X @ weights\n\n"
    "def get_error(p, t):\n    return abs(p - t).mean()\n",
    "softmax": "import numpy as np\n\ndef softmax(z):\n    e = np.exp(z - z.max())\n    return e / e.max()\n",
    "gradient-descent": "def get_minimizer(iterations, learning_rate, init):\n    return 1.0\n",
    "byte-pair": "def get_merges(corpus, num_merges):\n    return []\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_failing_input_shown_teaches(name, fork_server):
    verdict = judge(load_exercise(name), WRONG[name], fork_server, EFFORT)
    assert grade_case(verdict.failing.case) == MUCH, verdict.failing.case


def test_what_fails_only_for_an_empty_loop_is_shown_all_the_same(fork_server):
    source = (
        "def get_minimizer(iterations, learning_rate, init):\n"
        "    return init * (1 - 2 * learning_rate) ** iterations if iterations else None\n"
    )
    verdict = judge(load_exercise("gradient-descent"), source, fork_server, EFFORT)
    assert not verdict.accepted
    assert verdict.failing.case[0] == 0


@pytest.mark.parametrize(
    ("got", "wanted", "told"),
    [
        (np.array([1e-6, 0.5]), np.array([0.0, 0.5]), ("[1.e-06, 5.e-01]", "[0. , 0.5]")),
        (0.1234567, 0.1234568, ("0.1234567", "0.1234568")),
        ([0.1234567], [0.1234568], ("[0.1234567]", "[0.1234568]")),
        (0.25, 0.1234568, ("0.25", "0.123457")),
    ],
)
def test_results_that_differ_in_later_digits_only_are_shown_with_all_of_them(got, wanted, told):
    softmax = load_exercise("softmax")
    shown = show_failing(softmax, CaseResult(softmax.checks[0].name, (np.array([1.0, 2.0]),), got, wanted, False))
    assert (shown.got, shown.expected) == told
