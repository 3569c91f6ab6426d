"""Gradient descent along several variables at once."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import numbers
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

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
    size = draw(st.integers(2, 3))
    row = st.lists(st.integers(-2, 3).map(float), min_size=size, max_size=size)
    matrix = draw(st.lists(row, min_size=size, max_size=size))
    start = draw(st.lists(numbers(-4, 4), min_size=size, max_size=size))
    return matrix, draw(row), start, draw(st.sampled_from([0.1, 0.25])), draw(st.integers(0, 4))


BOWL = [[2.0, 0.0], [0.0, 2.0]]
WALK = "walk_down_together"
MOVE = "point = [coordinate - learning_rate * slope for coordinate, slope in zip(point, slopes, strict=True)]"

exercise = Exercise(
    name="descent-in-several-variables",
    title="Descent along several variables",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.walk"],
    reference=reference,
    entries={"minimize": ["minimize", "walk_down_together"]},
    rounding=5,
    after=["gradient-descent"],
    checks=[
        Check(
            "every point of the walk",
            "minimize",
            cases(),
            observe=walk,
            arguments=("the gradient's matrix", "and its constant", "start", "learning_rate", "iterations"),
            edges=[
                (BOWL, [0.0, 0.0], [1.0, 2.0], 0.25, 2),
                (BOWL, [0.0, 0.0], [1.0, 2.0], 0.25, 0),
                ([[0.0, 1.0], [1.0, 0.0]], [0.0, 0.0], [1.0, 3.0], 0.1, 2),
                # Long and slow enough for rounding to 5 places on the way to show in what is returned.
                (BOWL, [0.0, 0.0], [3.0, -7.0], 0.1, 60),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "coordinates updated one after the other",
            "Each coordinate's slope is taken at a point of which some coordinates have already moved. All slopes belong to the same old "
            "point: take them first, then move every coordinate.",
            [
                Edit(
                    MOVE,
                    "point = list(point)\n        for place in range(len(point)):\n            point[place] -= learning_rate * gradient(list(point))[place]",
                    WALK,
                )
            ],
        ),
        Mistake(
            "climbs instead of descending",
            "You add the slopes. They point uphill: subtract them.",
            [Edit("coordinate - learning_rate", "coordinate + learning_rate", WALK)],
        ),
        Mistake(
            "the start left out",
            "Your walk begins after the first step: the start is its first point.",
            [Edit("points = [point]", "points: list[list[float]] = []", WALK)],
        ),
        Mistake(
            "only the end returned",
            "You return the last point. Asked for is the whole way: iterations + 1 points.",
            [Edit("return points", "return points[-1]", WALK)],
        ),
        Mistake(
            "one point kept again and again",
            "All your points are the last one: the same list was changed and kept several times. Keep a new list for each point.",
            [Edit("return points", "return [point for _ in points]", WALK)],
        ),
        Mistake(
            "only the first coordinate moves",
            "You move the first coordinate only.",
            [Edit(MOVE, "point = [point[0] - learning_rate * slopes[0], *point[1:]]", WALK)],
        ),
        Mistake(
            "two variables only",
            "You walk along the first two variables and leave the others out: a point has as many numbers as the start, d of them.",
            [Edit("for coordinate in start]", "for coordinate in start[:2]]", WALK)],
        ),
        Mistake(
            "one slope for all",
            "You move every coordinate by the first one's slope: each has its own.",
            [Edit("learning_rate * slope for", "learning_rate * slopes[0] for", WALK)],
        ),
        Mistake(
            "slopes taken at the start only",
            "Every step uses the slopes at the start: take them anew where you stand.",
            [Edit("gradient(list(point))", "gradient([float(coordinate) for coordinate in start])", WALK)],
        ),
        Mistake(
            "learning rate ignored",
            "You subtract the whole slopes: multiply them by the learning rate.",
            [Edit("learning_rate * slope for", "slope for", WALK)],
        ),
        Mistake(
            "one step too few",
            "It takes one step fewer than asked for.",
            [Edit("range(iterations)", "range(iterations - 1)", WALK)],
        ),
        Mistake(
            "rounded inside the loop",
            "You go on from rounded points. Near the minimum a step is smaller than what rounding puts back, so the walk stalls: walk with the "
            "unrounded ones, and round only what you return.",
            [Edit("coordinate - learning_rate * slope for", "round(coordinate - learning_rate * slope, 5) for", WALK)],
        ),
    ],
)
