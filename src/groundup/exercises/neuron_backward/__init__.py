"""Backpropagation through one neuron."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice
from groundup.exercises.neuron_backward.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS, numbers, vectors
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def backward(x: Any, w: Any, b: float, y_true: float) -> Any:
        return step.differentiate_neuron(x, w, b, float(y_true))

    return {"backward": backward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw inputs, weights, a bias and a truth."""
    size = draw(st.integers(1, 5))
    truth = draw(st.sampled_from([0.0, 1.0, 0.5]) | numbers(-1, 2))
    return draw(vectors(size, -2, 2)), draw(vectors(size, -1, 1)), draw(numbers(-1, 1)), truth


@st.composite
def precise_cases(draw: st.DrawFn) -> Case:
    """Draw large inputs with all their digits and weights so small that the neuron is in the middle."""
    draws = np.random.default_rng(draw(SEEDS))
    size = int(draws.integers(1, 5))
    return draws.uniform(-1000, 1000, size), draws.uniform(-0.001, 0.001, size), float(draws.uniform(-1, 1)), 1.0


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of whole numbers."""
    size = draw(st.integers(1, 4))
    x, w = (draw(st.lists(st.integers(-2, 2), min_size=size, max_size=size)) for _ in range(2))
    return np.array(x), np.array(w), draw(st.integers(-1, 1)), draw(st.integers(0, 1))


@st.composite
def far_cases(draw: st.DrawFn) -> Case:
    """Draw a neuron far from the middle, where e to the power of −z overflows."""
    return np.array([1.0, 2.0]), np.array([draw(numbers(-900, 900)), draw(numbers(-400, 400))]), 0.5, 1.0


X, W = np.array([1.0, 2.0]), np.array([0.5, -0.5])
WHOLE = np.array([1, 2]), np.array([1, -1]), 0, 1
ARGUMENTS = ("x", "w", "b", "y_true")
RESULTS = ("the first result (along the weights)", "the second result (along the bias)")
# What rounding the prediction or the slope along z to 5 places does to the slopes along weights.
ROUNDED_ON_THE_WAY = 1.1e-5

exercise = Exercise(
    name="neuron-backward",
    title="Backpropagation: one neuron",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.neuron"],
    reference=reference,
    entries={"backward": ["backward", "differentiate_neuron"]},
    rounding=5,
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "the gradients along weights and bias",
            "backward",
            cases(),
            edges=[
                (X, W, 0.1, 1.0),
                (X, W, 0.1, 0.0),
                (np.array([0.0]), np.array([1.0]), 0.0, 1.0),
                (np.array([2.0]), np.array([0.5]), -0.3, 0.25),
                (np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.7, -0.9]), 0.2, 0.0),
            ],
            results=RESULTS,
            absolute=ROUNDED_ON_THE_WAY,
        ),
        Check(
            "arrays of whole numbers",
            "backward",
            whole_cases(),
            edges=[WHOLE],
            observer=partial(call_on_whole_numbers, entry="backward"),
            examples=8,
            arguments=ARGUMENTS,
            results=RESULTS,
            absolute=ROUNDED_ON_THE_WAY,
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            "backward",
            cases(),
            edges=[(X, W, 0.1, 1.0)],
            observer=partial(call_twice, entry="backward"),
            examples=3,
            arguments=ARGUMENTS,
            absolute=ROUNDED_ON_THE_WAY,
            repeats=True,
        ),
        Check(
            "gradients to all their digits",
            "backward",
            precise_cases(),
            examples=4,
            results=RESULTS,
            beyond=(
                "It rounds on the way. That is accepted, since the course's numbers are small; with inputs of a "
                "thousand the gradients are off. Round only the result."
            ),
        ),
        Check(
            "sums far from 0",
            "backward",
            far_cases(),
            edges=[(X, np.array([900.0, 0.0]), 0.5, 1.0), (X, np.array([-900.0, 0.0]), 0.5, 1.0)],
            examples=4,
            results=RESULTS,
            beyond="For sums far from 0 (|z| of several hundred) its sigmoid fails or is no number, because e to such a power is too large. "
            "The course does not try that.",
        ),
    ],
    mistakes=MISTAKES,
)
