"""Activations: sigmoid and ReLU."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"sigmoid": step.sigmoid, "relu": step.relu}


def cases(low: float, high: float) -> st.SearchStrategy[Case]:
    """Draw a vector."""
    return st.integers(1, 5).flatmap(lambda size: st.tuples(vectors(size, low, high)))


def large() -> tuple[str, None, Case]:
    """Return a million numbers."""
    return "sigmoid", None, (np.random.default_rng(0).normal(size=1_000_000),)


SIGMOID, RELU = "return np.where(z >= 0, 1 / (1 + small), small / (1 + small))", "return np.where(z <= 0, 0, z)"
WORKED = (np.array([-1.0, 0.0, 1.0, 2.0]),)

exercise = Exercise(
    name="activations",
    title="Activations: sigmoid and ReLU",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.neuron"],
    reference=reference,
    entries={"sigmoid": ["sigmoid"], "relu": ["relu"]},
    rounding=5,
    large=large,
    part="activation",
    checks=[
        Check("sigmoid", "sigmoid", cases(-8, 8), edges=[WORKED, (np.array([-1000.0, 1000.0]),), (np.array([0.0]),)]),
        Check("ReLU", "relu", cases(-8, 8), edges=[WORKED, (np.array([0.0]),), (np.array([-1e6, 1e6]),)]),
    ],
    mistakes=[
        Mistake(
            "sign of the exponent",
            "Your sigmoid falls where it should rise: it is 1 / (1 + e⁻ᶻ), with a minus in the exponent.",
            [Edit("z >= 0", "z < 0", "sigmoid")],
        ),
        Mistake(
            "the 1 in the denominator is missing",
            "You return 1 / e⁻ᶻ, which grows without end: the denominator is 1 + e⁻ᶻ, never less than 1.",
            [Edit(SIGMOID, "return np.exp(z)", "sigmoid")],
        ),
        Mistake(
            "tanh instead of the sigmoid",
            "You return tanh, which runs from −1 to 1. The sigmoid runs from 0 to 1: σ(z) = (1 + tanh(z / 2)) / 2.",
            [Edit(SIGMOID, "return np.tanh(z)", "sigmoid")],
        ),
        Mistake(
            "the sigmoid's slope instead of itself",
            "You return σ(z) (1 − σ(z)), the derivative. Asked for is σ(z).",
            [Edit(SIGMOID, "return small / (1 + small) ** 2", "sigmoid")],
        ),
        Mistake(
            "a step instead of the sigmoid",
            "You return only 0 or 1. The sigmoid goes smoothly from one to the other: that is what lets it learn.",
            [Edit(SIGMOID, "return np.where(z >= 0, 1.0, 0.0)", "sigmoid")],
        ),
        Mistake(
            "the sigmoid of the size",
            "Your sigmoid forgets the sign of z: σ(−1) is 0.26894, less than a half.",
            [Edit("small / (1 + small))", "1 / (1 + small))", "sigmoid")],
        ),
        Mistake(
            "base 2 instead of e",
            "Your sigmoid takes powers of 2. Its base is e: np.exp.",
            [Edit("np.exp(-np.abs(z))", "np.exp2(-np.abs(z))", "sigmoid")],
        ),
        Mistake(
            "NaN for large numbers",
            "You compute eᶻ / (1 + eᶻ): for large z both overflow, and inf / inf is NaN. Divide both by eᶻ on paper: 1 / (1 + e⁻ᶻ) "
            "is the same, and for large z its power goes to 0.",
            [Edit(SIGMOID, "return np.exp(z) / (1 + np.exp(z))", "sigmoid")],
        ),
        Mistake(
            "absolute value instead of ReLU",
            "Your ReLU turns negative numbers positive. It turns them into 0.",
            [Edit(RELU, "return abs(z)", "relu")],
        ),
        Mistake(
            "ReLU the wrong way round",
            "Your ReLU keeps the negative numbers: it is max(0, z), not min(0, z).",
            [Edit(RELU, "return np.minimum(0, z)", "relu")],
        ),
        Mistake(
            "leaky",
            "Your ReLU lets a little of the negative numbers through. That is a leaky ReLU; here negative becomes exactly 0.",
            [Edit("z <= 0, 0, z", "z <= 0, 0.01 * z, z", "relu")],
        ),
        Mistake(
            "ReLU's slope instead of itself",
            "You return 0 or 1, the slope of ReLU. Positive numbers come out as they are.",
            [Edit("0, z)", "0, 1)", "relu")],
        ),
        Mistake(
            "cut at 1",
            "Your ReLU cuts large numbers off at 1. It has no upper end.",
            [Edit(RELU, "return np.clip(z, 0, 1)", "relu")],
        ),
    ],
)
