"""Remarks on right answers: a loop that whole arrays do, measured; an unstable form, with the input that shows it."""

import itertools
import pickle

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.cost import Cost, describe_cost
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.remarks import MOST_REMARKS, Remark, Use, choose_remarks

EFFORT = CheckOptions(seed=1, share=0.3, measure=True)
LOOP = """def f(X, w):
    out = []
    for row in X:
        out.append(sum(a * b for a, b in zip(row, w)))
    return out
"""
WHOLE = "def f(X, w):\n    return X @ w\n"


def cost(times, megabytes=1.0):
    return Cost(times * 0.002, 0.002, megabytes, 1.0, "X of shape (2000, 20)")


def test_a_remark_comes_whole_from_another_process():
    found = pickle.loads(pickle.dumps(Remark("fast", Use.TIME)))
    assert (found, found.use) == ("fast", Use.TIME)


def test_a_loop_is_told_with_what_it_costs_on_which_input():
    (said,) = describe_cost(cost(41), LOOP, WHOLE)
    assert said.startswith("Line 3: nested Python loops")
    assert "41 times as fast on X of shape (2000, 20) (82 ms against 2 ms)" in said


@pytest.mark.parametrize(
    ("times", "source", "model_answer"),
    [(1.9, LOOP, WHOLE), (2.5, WHOLE, WHOLE), (4.9, LOOP, LOOP)],
    ids=["below two times", "no loop", "the model answer loops as deep"],
)
def test_no_loop_is_blamed(times, source, model_answer):
    (said,) = describe_cost(cost(times), source, model_answer)
    assert said.startswith("On a large input: ")


MANY = """import math

def softmax(z):
    try:
        open("/tmp/kept", "w")
    except OSError:
        print("x" * 50_000)
    powers, top = [], max(z)
    for value in z:
        powers.append(math.exp(value - top))
    total = 0
    for power in powers:
        total += power
    return [power / total for power in powers]
"""


def test_two_remarks_at_most_the_most_useful_first(fork_server):
    """This one is refused something, prints megabytes and loops."""
    verdict = judge(load_exercise("softmax"), MANY, fork_server, EFFORT)
    assert verdict.accepted, verdict.headline
    assert len(verdict.remarks) == MOST_REMARKS, verdict.remarks
    assert "the judge does not allow that" in verdict.remarks[0]
    unsorted = [Remark("time", Use.TIME), Remark("slow", Use.SLOW), "noticed", Remark("refused", Use.REFUSED)]
    assert choose_remarks(unsorted) == ["refused", "noticed"]
    assert choose_remarks(unsorted[:1]) == ["time"]


@pytest.mark.parametrize("order", list(itertools.permutations(list(Use)[::3])))
def test_the_order_in_which_remarks_come_makes_no_difference(order):
    assert choose_remarks([Remark(use.name, use) for use in order]) == ["REFUSED", "CALLER"]


UNSTABLE = {
    "a sigmoid that overflows": (
        "neuron-backward",
        "import math\n\ndef backward(x, w, b, y_true):\n    z = sum(a * c for a, c in zip(x, w)) + b\n"
        "    y = 1 / (1 + math.exp(-z))\n    d = (y - y_true) * y * (1 - y)\n    return [d * v for v in x], d\n",
        "it raises OverflowError: math range error (line 5)",
    ),
}


@pytest.mark.parametrize("kind", UNSTABLE)
def test_an_unstable_form_is_shown_by_an_input(kind, fork_server):
    name, source, shown = UNSTABLE[kind]
    verdict = judge(load_exercise(name), source, fork_server, EFFORT)
    assert verdict.accepted
    (said,) = (remark for remark in verdict.remarks if remark.startswith("An unstable form"))
    assert shown in said
    assert verdict.to_json()["remarks"] == verdict.remarks


@pytest.mark.parametrize("name", ["activations", "softmax", "neuron-backward", "layer-norm", "self-attention"])
def test_a_model_answer_is_called_neither_slow_for_a_loop_nor_unstable(name, fork_server):
    exercise = load_exercise(name)
    verdict = judge(exercise, exercise.read("model_answer.py"), fork_server, EFFORT)
    assert verdict.accepted
    assert not any("unstable" in remark or remark.startswith("Line ") for remark in verdict.remarks)


def test_a_wrong_answer_hears_nothing_of_what_goes_beyond_the_course(fork_server):
    source = (
        "def backward(x, w, b, y_true):\n    from math import exp\n    y = 1 / (1 + exp(-(x @ w + b)))\n"
        "    d = (y_true - y) * y * (1 - y)\n    return d * x, d\n"
    )
    verdict = judge(load_exercise("neuron-backward"), source, fork_server, EFFORT)
    assert verdict.mistakes == ["sign of the error"]
    assert verdict.remarks == []
