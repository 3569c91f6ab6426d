"""Gradient descent on x²."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import numbers
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def get_minimizer(iterations: int, learning_rate: float, init: float) -> Any:
        return step.walk_down(step.square_slope, init, learning_rate, iterations)

    return {"get_minimizer": get_minimizer}


WALK, STEP = "walk_down", "guess - learning_rate * slope(guess)"
CASES = st.tuples(st.integers(0, 12), st.sampled_from([0.1, 0.01, 0.25, 0.4]), numbers(-9, 9))

exercise = Exercise(
    name="gradient-descent",
    title="Gradient descent on x²",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.walk"],
    reference=reference,
    entries={"get_minimizer": ["get_minimizer"]},
    rounding=5,
    checks=[
        Check(
            "the guess after so many steps",
            "get_minimizer",
            CASES,
            edges=[
                (3, 0.1, 10),
                (10, 0.01, 5),
                (0, 0.01, 5),
                (1, 0.25, -3.0),
                (5, 0.1, 0),
                (60, 0.1, 7),
                (200, 0.01, 3),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "climbs instead of descending",
            "You add the slope. It points uphill: subtract it.",
            [Edit("guess - learning_rate", "guess + learning_rate", WALK)],
        ),
        Mistake(
            "the function instead of its slope",
            "You subtract x² itself. What tells the direction is its slope, 2x.",
            [Edit("return 2 * x", "return x * x", "square_slope")],
        ),
        Mistake(
            "slope x instead of 2x",
            "You take x for the slope. The derivative of x² is 2x: the power comes down as a factor.",
            [Edit("return 2 * x", "return x", "square_slope")],
        ),
        Mistake(
            "slope always 2",
            "You take 2 for the slope everywhere. It is 2x: the further away, the steeper.",
            [Edit("return 2 * x", "return 2.0", "square_slope")],
        ),
        Mistake(
            "learning rate ignored",
            "You subtract the whole slope: multiply it by the learning rate first.",
            [Edit("learning_rate * slope", "1 * slope", WALK)],
        ),
        Mistake(
            "one step too few",
            "It takes one step fewer than asked for.",
            [Edit("range(iterations)", "range(iterations - 1)", WALK)],
        ),
        Mistake(
            "one step too many",
            "It takes one step more than asked for.",
            [Edit("range(iterations)", "range(iterations + 1)", WALK)],
        ),
        Mistake(
            "rounded inside the loop",
            "You round the guess in every step. Near the minimum a step is smaller than what rounding puts back, so the walk stalls. "
            "Round once, at the end.",
            [Edit(STEP, f"round({STEP}, 5)", WALK)],
        ),
        Mistake(
            "only one step",
            "You return after the first step: a return inside the loop ends it.",
            [Edit(f"guess = {STEP}", f"guess = {STEP}\n        break", WALK)],
        ),
        Mistake(
            "slope taken at the start only",
            "Every step uses the slope at the first guess: compute it anew where you stand.",
            [Edit("slope(guess)", "slope(start)", WALK)],
        ),
        Mistake(
            "the value x² returned",
            "You return the function's value at the end. Asked for is the guess itself.",
            [Edit("return guess", "return guess * guess", WALK)],
        ),
        Mistake(
            "relative steps",
            "You multiply the guess by the learning rate instead of subtracting the learning rate times the slope.",
            [Edit(STEP, "guess * learning_rate", WALK)],
        ),
    ],
)
