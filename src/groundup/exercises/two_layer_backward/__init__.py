"""Backpropagation through two layers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice, call_with_arrays_or_lists
from groundup.exercises.strategies import SEEDS, matrices, vectors
from groundup.exercises.two_layer_backward.mistakes import FUNCTION, MISTAKES
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on arrays or lists."""

    def forward_and_backward(*arguments: Any) -> Any:
        return step.forward_and_backward(*(np.asarray(argument, dtype=float) for argument in arguments))

    return {FUNCTION: forward_and_backward}


SIZES = st.integers(1, 4)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an example, two layers and a truth; all of one size, where a transposed matrix fits, in some cases."""
    features, hidden, outputs = draw(st.tuples(SIZES, SIZES, SIZES) | SIZES.map(lambda size: (size, size, size)))
    first = draw(matrices(hidden, features, -2, 2)), draw(vectors(hidden, -1, 1))
    second = draw(matrices(outputs, hidden, -2, 2)), draw(vectors(outputs, -1, 1))
    return draw(vectors(features, -2, 2)), *first, *second, draw(vectors(outputs, -2, 2))


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of small whole numbers, where many sums in the hidden layer are exactly 0."""
    features, hidden, outputs = draw(st.tuples(SIZES, SIZES, SIZES))
    shapes = [(features,), (hidden, features), (hidden,), (outputs, hidden), (outputs,), (outputs,)]
    draws = np.random.default_rng(draw(SEEDS))
    return tuple(draws.integers(-1, 2, shape) for shape in shapes)


@st.composite
def precise_cases(draw: st.DrawFn) -> Case:
    """Draw a large example with all its digits."""
    features, hidden, outputs = draw(st.tuples(SIZES, SIZES, SIZES))
    shapes = [(hidden, features), (hidden,), (outputs, hidden), (outputs,), (outputs,)]
    draws = np.random.default_rng(draw(SEEDS))
    return draws.uniform(-1000, 1000, features), *(draws.uniform(-1, 1, shape) for shape in shapes)


def observe(answer: Answer, *case: Any) -> Any:
    """Return loss and slopes of arrays; of lists, as the course gives them, where arrays alone raise an error."""
    return call_with_arrays_or_lists(answer, *case, entry=FUNCTION)


def look_at_whole_numbers(answer: Answer, *case: Any) -> Any:
    """Return loss and slopes of arrays of whole numbers, or of lists of them."""
    try:
        return call_on_whole_numbers(answer, *case, entry=FUNCTION)
    except AnswerRaised:
        return observe(answer, *case)


def look_twice(answer: Answer, *case: Any) -> Any:
    """Return what two calls with the same arrays return, or with the same lists."""
    try:
        return call_twice(answer, *case, entry=FUNCTION)
    except AnswerRaised:
        return call_twice(answer, *(argument.tolist() for argument in case), entry=FUNCTION)


def sizes(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, truth: Any) -> dict[str, int]:
    """Return the numbers of features, hidden nodes and outputs."""
    return {"d": len(x), "M": len(b1), "C": len(b2)}


ARGUMENTS = ("x", "W1", "b1", "W2", "b2", "y_true")
WORKED = np.array([1.0, 2.0]), np.eye(2), np.zeros(2), np.array([[0.5, 0.5]]), np.zeros(1), np.array([1.0])
# What rounding the prediction or the slopes on the way to 4 places does to other slopes.
ROUNDED_ON_THE_WAY = 1.5e-4

exercise = Exercise(
    name="two-layer-backward",
    title="Backpropagation: two layers",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.backpropagation"],
    reference=reference,
    entries={FUNCTION: [FUNCTION]},
    rounding=4,
    libraries=("numpy", "torch"),
    forbidden=["torch.autograd.backward", "torch.autograd.grad", "torch.autograd.forward_ad.make_dual"],
    sizes=sizes,
    checks=[
        Check(
            "the loss and all gradients",
            FUNCTION,
            cases(),
            observer=observe,
            arguments=ARGUMENTS,
            edges=[
                WORKED,
                (np.array([1.0]), np.array([[-1.0], [2.0]]), np.zeros(2), np.eye(2), np.zeros(2), np.array([1.0, 1.0])),
                (np.array([1.0]), np.array([[0.0], [1.0]]), np.zeros(2), np.eye(2), np.ones(2), np.array([-1.0, 0.5])),
                (np.array([2.0]), np.array([[0.5]]), np.array([-0.25]), np.array([[1.5]]), np.ones(1), np.array([3.0])),
            ],
            absolute=ROUNDED_ON_THE_WAY,
        ),
        Check(
            "arrays of whole numbers",
            FUNCTION,
            whole_cases(),
            observer=look_at_whole_numbers,
            arguments=ARGUMENTS,
            examples=12,
            absolute=ROUNDED_ON_THE_WAY,
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            FUNCTION,
            cases(),
            observer=look_twice,
            arguments=ARGUMENTS,
            edges=[WORKED],
            examples=3,
            absolute=ROUNDED_ON_THE_WAY,
            repeats=True,
        ),
        Check(
            "gradients to all their digits",
            FUNCTION,
            precise_cases(),
            observer=observe,
            arguments=ARGUMENTS,
            examples=4,
            beyond=(
                "It rounds on the way. That is accepted, since the course's numbers are small; with inputs of a "
                "thousand the gradients are off. Round only the result."
            ),
        ),
    ],
    mistakes=MISTAKES,
)
