"""One step of gradient descent, and one of Adam."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises import calling
from groundup.exercises.optimiser.mistakes import MISTAKES
from groundup.exercises.strategies import vectors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the steps, Adam with its usual betas and epsilon."""

    def adam_step(weights: Any, gradient: Any, m: Any, v: Any, step_number: int, learning_rate: float) -> Any:
        return step.adam_step(weights, gradient, m, v, step_number, learning_rate)

    return {"sgd_step": step.sgd_step, "adam_step": adam_step}


DESCENT, ADAM = "sgd_step", "adam_step"
RATES = st.sampled_from([0.1, 0.01, 0.5, 1.0]) | st.integers(1, 900).map(lambda n: n / 1000)
# Sizes all different, each of them 1 somewhere; the last numbers of a row are never alone in it.
SHAPES = st.sampled_from([(1,), (2,), (3,), (4,), (2, 3), (1, 2), (3, 2), (2, 1, 3)])
# Gradients so small that epsilon counts, and so large that it does not.
SIZES = st.sampled_from([1.0, 1.0, 1e3, 1e-3, 1e-6, 1e-8])


@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...], low: float = -4.0) -> Any:
    """Draw an array of a shape."""
    return draw(vectors(math.prod(shape), low=low)).reshape(shape)


@st.composite
def sgd_cases(draw: st.DrawFn) -> Case:
    """Draw weights, a gradient and a learning rate."""
    shape = draw(SHAPES)
    return draw(arrays(shape)), draw(arrays(shape)) * draw(SIZES), draw(RATES)


@st.composite
def adam_cases(draw: st.DrawFn) -> Case:
    """Draw weights, a gradient, running means (0 before step 1), the step's number and a learning rate."""
    shape, size = draw(SHAPES), draw(SIZES)
    gradient, first, second = (
        draw(arrays(shape)) * size,
        draw(arrays(shape)) * size,
        draw(arrays(shape, low=0.0)) * size**2,
    )
    # As far as they have come by then: where the second is all but nothing, any error of rounding is huge.
    second = second + 1e-3 * (gradient**2 + first**2)
    number = draw(st.integers(1, 20) | st.integers(20, 3000))
    if number == 1:  # as the statement says: an answer may rely on it
        first, second = np.zeros(shape), np.zeros(shape)
    return draw(arrays(shape)), gradient, first, second, number, draw(RATES)


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw weights and a gradient of whole numbers, none of which is 0, so that every weight moves."""
    size = draw(st.integers(1, 4))
    row = st.lists(st.integers(-5, 5).filter(bool), min_size=size, max_size=size)
    return np.array(draw(row)), np.array(draw(row))


@st.composite
def walks(draw: st.DrawFn) -> Case:
    """Draw weights and several gradients that come one after the other, the first of them 0 or not."""
    shape, size = draw(SHAPES), draw(SIZES)
    gradients = [draw(arrays(shape)) * size for _ in range(draw(st.integers(1, 5)))]
    return draw(arrays(shape)), gradients, draw(RATES)


def walk(answer: Answer, weights: Any, gradients: list[Any], learning_rate: float) -> dict[str, Any]:
    """Take a step for each gradient, handing on what the answer returned."""
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for number, gradient in enumerate(gradients, start=1):
        weights, first, second = answer.call(ADAM, weights, gradient, first, second, number, learning_rate)
    return {"weights": weights, "m": first, "v": second}


def descend_on_whole_numbers(answer: Answer, weights: Any, gradient: Any) -> Any:
    """Take a step of descent on arrays of whole numbers."""
    return calling.call_on_whole_numbers(answer, weights, gradient, 0.1, entry=DESCENT)


def take_first_step(answer: Answer, weights: Any, gradient: Any) -> Any:
    """Take the first step of Adam with whole numbers as weights and gradient."""
    zeros = np.zeros(weights.shape)
    return answer.call(ADAM, weights.astype(float), gradient, zeros, zeros, 1, 0.1)


def benchmark_case() -> tuple[str, None, Case]:
    """Return a step of a million weights."""
    draw = np.random.default_rng(0)
    weights, gradient, first, second = draw.normal(size=(4, 1_000_000))
    return ADAM, None, (weights, gradient, first, second**2, 3, 0.01)


exercise = Exercise(
    name="optimiser",
    title="Optimizers: descent and Adam",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.optimisers"],
    reference=reference,
    entries={"sgd_step": ["sgd_step"], "adam_step": ["adam_step"]},
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "a step of gradient descent",
            DESCENT,
            sgd_cases(),
            edges=[
                (np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.1),
                (np.array([-2.5]), np.array([0.25]), 0.3),
                (
                    np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]),
                    np.array([[2.0, 1.0, -0.5], [0.0, 4.0, 0.125]]),
                    0.01,
                ),
            ],
            examples=20,
        ),
        Check(
            "a step of gradient descent on whole numbers",
            DESCENT,
            whole_cases(),
            observer=descend_on_whole_numbers,
            arguments=("weights", "gradient"),
            examples=8,
            repeats=True,
        ),
        Check(
            "a step of Adam",
            ADAM,
            adam_cases(),
            edges=[
                (np.array([1.0]), np.array([4.0]), np.array([0.0]), np.array([0.0]), 1, 0.1),
                (np.array([1.0]), np.array([0.0]), np.array([0.0]), np.array([0.0]), 1, 0.1),
                # So small that epsilon counts, and where it stands.
                (np.array([1.0]), np.array([1e-4]), np.array([0.0]), np.array([0.0]), 1, 0.1),
                (np.array([0.5, -1.0]), np.array([1e-8, -3e-7]), np.zeros(2), np.zeros(2), 2, 0.3),
                (np.array([0.5, -1.0]), np.array([0.0, 2.0]), np.zeros(2), np.zeros(2), 3, 0.3),
                (
                    np.array([2.0, 3.0, -1.0]),
                    np.array([2.0, -1.0, 0.5]),
                    np.ones(3),
                    np.array([2.0, 1.0, 0.25]),
                    2,
                    0.05,
                ),
            ],
            results=("weights", "m", "v"),
            examples=50,
        ),
        Check(
            "the first step of Adam, on whole numbers",
            ADAM,
            whole_cases(),
            observer=take_first_step,
            arguments=("weights", "gradient"),
            examples=6,
            repeats=True,
        ),
        Check(
            "several steps of Adam, one after the other",
            ADAM,
            walks(),
            observer=walk,
            arguments=("weights", "gradients", "learning_rate"),
            examples=20,
        ),
    ],
    mistakes=MISTAKES,
)
