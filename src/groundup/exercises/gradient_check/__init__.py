"""A gradient from central differences, and its distance from another one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers
from groundup.exercises.gradient_check.mistakes import MISTAKES
from groundup.exercises.strategies import matrices, vectors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

NUMERICAL, DIFFERENCE = "numerical_gradient", "relative_difference"
# A cubic: central differences with a large h differ from its derivative, and from differences on one side.
CUBIC = """
def make(cubic, square):
    def f(x):
        numbers = [float(number) for number in x]
        total = sum(factor * number**3 for factor, number in zip(cubic, numbers))
        for row, number in zip(square, numbers):
            total += number * sum(factor * other for factor, other in zip(row, numbers))
        return float(total)
    return f
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's names."""

    def numerical_gradient(f: Any, x: Any, h: float) -> Any:
        return step.numerical_gradient(f, x, h)

    def relative_difference(gradient: Any, numerical: Any) -> Any:
        return step.relative_difference(gradient, numerical)

    return {NUMERICAL: numerical_gradient, DIFFERENCE: relative_difference}


def differentiate(answer: Answer, cubic: Any, square: Any, x: Any, h: float) -> Any:
    """Return the answer's gradient of a cubic function."""
    return answer.call(NUMERICAL, answer.given(CUBIC, cubic, square), x, h)


def differentiate_at_whole_numbers(answer: Answer, cubic: Any, square: Any, x: Any, h: float) -> Any:
    """Return the answer's gradient at a point of whole numbers."""
    return call_on_whole_numbers(answer, answer.given(CUBIC, cubic, square), x, h, entry=NUMERICAL)


@st.composite
def functions(draw: st.DrawFn) -> Case:
    """Draw a function, a point and h."""
    size = draw(st.integers(1, 4))
    h = draw(st.sampled_from([0.5, 0.1, 0.25, 0.01, 0.001]))
    x = draw(st.sampled_from([1.0, 1.0, 10.0, 0.1])) * draw(vectors(size))
    return draw(vectors(size)), draw(matrices(size, size)), x, h


@st.composite
def whole_points(draw: st.DrawFn) -> Case:
    """Draw a function, a point of whole numbers and h."""
    size = draw(st.integers(1, 3))
    x = np.array(draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size)))
    return draw(vectors(size)), draw(matrices(size, size)), x, draw(st.sampled_from([0.5, 0.1]))


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    """Draw two gradients: far apart or nearly equal, large or tiny."""
    size = draw(st.integers(1, 5))
    gradient, other = draw(vectors(size)), draw(vectors(size))
    share = draw(st.sampled_from([1.0, 1.0, 1e-3, 1e-2]))
    scale = draw(st.sampled_from([1.0, 1.0, 1e-6, 1e4]))
    return scale * gradient, scale * (gradient + share * other)


def benchmark_case() -> tuple[str, None, Case]:
    """Return two gradients of a million numbers."""
    draw = np.random.default_rng(0)
    return DIFFERENCE, None, (draw.normal(size=1_000_000), draw.normal(size=1_000_000))


WORKED = np.zeros(2), np.array([[1.0, 1.0], [0.0, 0.0]])
WHOLE_POINT = (
    "x holds floats here, so this is right. An array of whole numbers would hold neither x[i] + h nor a slope: "
    "x.astype(float) makes a copy that holds fractions."
)
ARGUMENTS = ("a (where f(x) is sum(a * x**3) + x @ B @ x)", "B", "x", "h")

exercise = Exercise(
    name="gradient-check",
    title="Checking a gradient",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c1_descent.numerical_gradient"],
    reference=reference,
    entries={NUMERICAL: [NUMERICAL], DIFFERENCE: [DIFFERENCE]},
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the gradient by central differences",
            NUMERICAL,
            functions(),
            observer=differentiate,
            edges=[
                (*WORKED, np.array([1.0, 3.0]), 0.5),
                (np.array([1.0]), np.array([[0.0]]), np.array([2.0]), 0.5),
                (np.array([1.0, -2.0, 0.5]), np.eye(3), np.array([1.0, -0.5, 2.0]), 0.1),
                (np.array([0.5, 1.0, 2.0]), np.full((3, 3), 0.5), np.array([-1.5, 0.25, 1.0]), 0.25),
            ],
            examples=30,
            arguments=ARGUMENTS,
        ),
        Check(
            "how far two gradients are apart",
            DIFFERENCE,
            pairs(),
            edges=[
                (np.array([5.0, 0.0]), np.array([5.0, 1.0])),
                (np.array([3.0, -4.0, 0.0]), np.array([1.0, 2.0, -2.0])),
                (np.array([0.0, 0.0]), np.array([0.0, 0.0])),
                (np.array([2.0, 1.0]), np.array([2.0, 1.0])),
                (np.array([-3.0]), np.array([3.0])),
                (np.array([0.0, 3.0]), np.array([0.0, 1.0])),
                (np.array([0.0, 0.0]), np.array([1.0, -2.0])),
                (np.array([1.0, -2.0]), np.array([0.0, 0.0])),
            ],
            examples=30,
            absolute=1e-12,
        ),
        Check(
            "a point of whole numbers",
            NUMERICAL,
            whole_points(),
            observer=differentiate_at_whole_numbers,
            edges=[(*WORKED, np.array([1, 3]), 0.5)],
            examples=4,
            arguments=ARGUMENTS,
            beyond=WHOLE_POINT,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
