"""Gradient descent along several variables at once."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.descent_in_several_variables.mistakes import MISTAKES
from groundup.exercises.strategies import lists_of_numbers
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

# Slopes of ½ xᵀ A x + c · x: coordinates that pull at each other tell moves from one old point from others.
SLOPES = """
def make(matrix, shift):
    def gradient(point):
        return [
            sum(row[j] * float(point[j]) for j in range(len(row))) + constant for row, constant in zip(matrix, shift)
        ]
    return gradient
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"minimize": step.walk_down_together}


def walk(answer: Answer, matrix: Any, shift: Any, start: Any, learning_rate: float, iterations: int) -> Any:
    """Let the answer walk on the slopes of a matrix."""
    return answer.call("minimize", answer.given(SLOPES, matrix, shift), start, learning_rate, iterations)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a matrix and a shift, a start, a learning rate and iterations."""
    size = draw(st.sampled_from([2, 3, 1, 4]))
    row = st.lists(st.integers(-2, 3).map(float), min_size=size, max_size=size)
    matrix = draw(st.lists(row, min_size=size, max_size=size))
    whole = st.lists(st.integers(-4, 4), min_size=size, max_size=size)
    start = draw(lists_of_numbers(size, -4, 4) | whole)
    return matrix, draw(row), start, draw(st.sampled_from([0.1, 0.25, 0.01])), draw(st.integers(0, 5))


BOWL = [[2.0, 0.0], [0.0, 2.0]]

exercise = Exercise(
    name="descent-in-several-variables",
    title="Descent along several variables",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c1_descent.gradient_descent"],
    reference=reference,
    entries={"minimize": ["minimize", "walk_down_together"]},
    rounding=5,
    checks=[
        Check(
            "every point of the walk",
            "minimize",
            cases(),
            observer=walk,
            arguments=(
                "A (where gradient(p)[i] is the sum of A[i][j] * p[j] over j, plus c[i])",
                "c",
                "start",
                "learning_rate",
                "iterations",
            ),
            edges=[
                (BOWL, [0.0, 0.0], [1.0, 2.0], 0.25, 2),
                (BOWL, [0.0, 0.0], [1.0, 2.0], 0.25, 0),
                ([[0.0, 1.0], [1.0, 0.0]], [0.0, 0.0], [1.0, 3.0], 0.1, 2),
                ([[2.0]], [-1.0], [4.0], 0.25, 3),
                # A start of whole numbers, and one at the minimum, where every point is the same.
                (BOWL, [0.0, 0.0], [1, -2], 0.25, 2),
                (BOWL, [-2.0, 4.0], [1.0, -2.0], 0.1, 3),
                # Long and slow enough for rounding to 5 places on the way to show in what is returned.
                (BOWL, [0.0, 0.0], [3.0, -7.0], 0.1, 60),
                # Near the minimum: an answer that stops early returns too few points.
                (BOWL, [0.0, 0.0], [0.4, -0.3], 0.25, 25),
            ],
        )
    ],
    mistakes=MISTAKES,
)
