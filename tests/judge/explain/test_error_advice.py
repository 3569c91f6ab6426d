"""What is said of errors: advice for those that beginners meet, as Python, NumPy and PyTorch word them today."""

import ast
import math

import numpy as np
import pytest
import torch
from torch import nn

from groundup.exercises.registry import load_exercise
from groundup.judge.answer import Raised, is_unwritten
from groundup.judge.explain.error_advice import advise, advise_on_self, advise_on_syntax
from groundup.judge.judging import CheckOptions, judge

ARRAY, TENSOR, NUMBERS = np.array([1.5, 2.5]), torch.tensor([1.5, 2.5]), [1.5, 2.5]
ROWS = [NUMBERS]
QUICK = CheckOptions(seed=1, shrink_seconds=0.03, share=0.3)


class Solution:
    def scale(x):  # noqa: N805 - the mistake itself
        return x

    def nothing():
        return 1


class Early(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(1, 1)


def add_fractions(whole):
    whole += 0.5


def change_weight(weight):
    weight -= 0.1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: 2.5 ^ 2, "x**2"),
        (lambda: ARRAY ^ 2, "x**2"),
        (lambda: TENSOR ^ 2, "x**2"),
        (lambda: max(0, ARRAY), "np.maximum"),
        (lambda: max(0, TENSOR), "torch.relu"),
        (lambda: max(np.ones((2, 2))), ".max()"),
        (lambda: sum(ARRAY, axis=0), "np.sum"),
        (lambda: NUMBERS - NUMBERS, "np.array"),
        (lambda: NUMBERS * 0.5, "np.array"),
        (lambda: NUMBERS**2, "np.array"),
        (lambda: NUMBERS + 0.5, "np.array"),
        (lambda: NUMBERS.mean(), "np.array"),
        (lambda: ROWS[:, 0], "x[i][j]"),
        (lambda: range(2.0), "whole number"),
        (lambda: print() + 1, "no return"),
        (lambda: print()[0], "no return"),
        (lambda: ARRAY.mean + 1, "parentheses are missing"),
        (lambda: math.exp(ARRAY), "np.exp"),
        (lambda: math.exp(TENSOR), "np.exp"),
        (lambda: Solution().scale(1), "self"),
        (lambda: Solution().nothing(), "self"),
        (lambda: self.table, "self"),
        (Early, "super().__init__()"),
        (lambda: add_fractions(np.array([1, 2])), "fractions"),
        (lambda: add_fractions(torch.tensor([1, 2])), "fractions"),
        (lambda: torch.tensor([1, 2]).mean(), "x.float()"),
        (lambda: torch.tensor([1, 2]).softmax(0), "x.float()"),
        (lambda: nn.Embedding(2, 2)(TENSOR), "x.long()"),
        (lambda: change_weight(nn.Parameter(torch.ones(2))), "torch.no_grad()"),
        (lambda: TENSOR.sum().backward(), ".detach()"),
        (lambda: ARRAY + np.ones(3), "shapes do not fit"),
        (lambda: ARRAY @ np.ones((3, 2)), "shapes do not fit"),
        (lambda: np.dot(np.ones((2, 2)), np.ones(3)), "shapes do not fit"),
        (lambda: torch.ones(2, 2) @ torch.ones(3, 2), "shapes do not fit"),
        (lambda: np.sum(ARRAY, axis=1), "counted from 0"),
        (lambda: TENSOR.sum(1), "counted from 0"),
        (lambda: NUMBERS[2], "n − 1"),
        (lambda: ARRAY[2], "n − 1"),
        (lambda: ARRAY[0, 0], "fewer dimensions"),
        (lambda: 1 / 0, "divided by 0"),
        (lambda: math.exp(1000), "overflows"),
        (lambda: ARRAY(1), "like a function"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_errors_of_beginners_are_explained(act, words):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        act()
    advice = advise(Raised(caught.type.__name__, str(caught.value), 1))
    assert advice is not None, caught.value
    assert words in advice


def test_an_error_of_which_nothing_is_known_gets_no_advice():
    assert advise(Raised("ValueError", "unknown activation", 3)) is None
    assert advise(Raised("IndexError", "pop from empty list", 3)) is None


def test_no_error_of_pytorch_is_taken_for_an_exercise_not_begun():
    for act in (lambda: TENSOR ^ 2, lambda: torch.tensor([1, 2]).softmax(0), lambda: nn.Module()(TENSOR)):
        with pytest.raises(NotImplementedError) as caught:
            act()
        assert not is_unwritten("NotImplementedError", str(caught.value))
    assert is_unwritten("NotImplementedError", "")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(x):\n        y = x\n\treturn y\n", "four spaces"),
        ("def f(x):\n    y = x\n     return y\n", "further to the right"),
        ("def f(x):\n    y = x\n  return y\n", "no block above it"),
    ],
)
def test_indentation_is_explained(source, words):
    with pytest.raises(SyntaxError) as caught:
        ast.parse(source)
    assert words in advise_on_syntax(caught.value)


def test_other_errors_of_syntax_speak_for_themselves():
    with pytest.raises(SyntaxError) as caught:
        ast.parse("def f(x)\n    return x\n")
    assert advise_on_syntax(caught.value) is None


def test_only_what_the_class_has_is_said_to_belong_to_it():
    tree = ast.parse(
        "class A:\n    def f(self):\n        self.table = 1\n    def g(self):\n        return f(table, other)\n"
    )
    told = [advise_on_self(Raised("NameError", f"name '{n}' is not defined", 5), tree) for n in ("table", "f", "other")]
    assert told == ["table belongs to the object: write self.table.", "f belongs to the object: write self.f.", None]


ACTIVATIONS = """
import numpy as np

class Solution:
    def sigmoid(self, z):
        t = np.exp(-np.abs(z))
        return np.where(np.asarray(z) >= 0, 1 / (1 + t), t / (1 + t))

    def relu(self, z):
        return np.maximum(0, z)
"""
LINEAR = "def linear(x, weight, bias):\n    return x @ weight.T + bias\n"


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("activations", ACTIVATIONS.replace("np.maximum", "max"), "np.maximum"),
        ("activations", ACTIVATIONS.replace("relu(self, z)", "relu(z)"), "self"),
        (
            "activations",
            ACTIVATIONS.replace("return np.max", "print(np.max").replace("0, z)", "0, z))"),
            "print only shows",
        ),
        ("activations", ACTIVATIONS.replace("1 / (1", "(1 + t)^2 / (1"), "x**2"),
        ("activations", ACTIVATIONS.replace("        t =", "    \tt ="), "four spaces"),
        (
            "activations",
            ACTIVATIONS.replace("return np.max", "z += np.sin(z)\n        return z + np.max"),
            "in place",
        ),
        ("linear", LINEAR.replace("bias\n", "bias^2\n"), "x**2"),
    ],
)
def test_a_verdict_tells_it(name, source, words, fork_server):
    verdict = judge(load_exercise(name), source, fork_server, QUICK)
    assert not verdict.accepted
    assert any(words in finding for finding in verdict.findings), verdict.to_json()
