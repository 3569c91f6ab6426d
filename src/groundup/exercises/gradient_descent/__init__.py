"""Gradient descent on x²."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.gradient_descent.mistakes import MISTAKES
from groundup.exercises.strategies import numbers
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def get_minimizer(iterations: int, learning_rate: float, init: float) -> Any:
        return step.walk_down(step.square_slope, init, learning_rate, iterations)

    return {"get_minimizer": get_minimizer}


TOO_LARGE = "a number too large for the computer"


def find_guess(answer: Answer, *case: Any) -> Any:
    """Return where the walk ends. Whether a walk without end raises or becomes infinite depends on how it is written."""
    try:
        got = answer.call("get_minimizer", *case)
    except AnswerRaised as raised:
        if raised.kind == "OverflowError":
            return TOO_LARGE
        raise
    return TOO_LARGE if isinstance(got, float) and not math.isfinite(got) else got


# A learning rate of 1 is left out: there a walk jumps from side to side without end, and so would an answer that waits for it.
CASES = st.tuples(
    st.integers(0, 12) | st.sampled_from([30, 100, 300]),
    st.sampled_from([0.1, 0.01, 0.25, 0.4, 0.05, 0.001, 0.9]),
    numbers(-9, 9) | st.integers(-9, 9) | numbers(-0.01, 0.01, places=4) | st.sampled_from([250.0, -31415.9]),
)

exercise = Exercise(
    name="gradient-descent",
    title="Gradient descent on x²",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c1_descent.gradient_descent"],
    reference=reference,
    entries={"get_minimizer": ["get_minimizer"]},
    rounding=5,
    checks=[
        Check(
            "the guess after so many steps",
            "get_minimizer",
            CASES,
            observer=find_guess,
            edges=[
                (3, 0.1, 10),
                (10, 0.01, 5),
                (0, 0.01, 5),
                (1, 0.25, -3.0),
                (5, 0.1, 0),
                # Rounded in each step, it stands still far from the minimum.
                (600, 0.01, 7),
                (200, 0.01, 3),
                (0, 0.1, -2.5),
                (3, 0.9, 1.25),
                (1, 0.1, 2.75),
                # Near the minimum: an answer that stops early stands still here.
                (100, 0.1, 0.004),
                (200, 0.01, 0.0004),
            ],
        )
    ],
    mistakes=MISTAKES,
)
