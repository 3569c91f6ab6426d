"""Softmax: scores as probabilities."""

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
    return {"softmax": step.softmax}


def sizes(z: Any) -> dict[str, int]:
    """Return the number of classes."""
    return {"C": len(z)}


def large() -> tuple[str, None, Case]:
    """Return a million scores."""
    return "softmax", None, (np.random.default_rng(0).normal(size=1_000_000),)


RESULT = "powers / powers.sum(axis=-1, keepdims=True)"

exercise = Exercise(
    name="softmax",
    title="Softmax",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.neuron"],
    reference=reference,
    entries={"softmax": ["softmax"]},
    rounding=4,
    sizes=sizes,
    large=large,
    checks=[
        Check(
            "scores of any size",
            "softmax",
            st.integers(2, 5).flatmap(lambda size: st.tuples(vectors(size, -6, 6))),
            edges=[
                (np.array([1.0, 2.0, 3.0]),),
                (np.array([0.0]),),
                (np.array([2.0, 2.0]),),
                (np.array([-3.0, -1.0, -2.0]),),
                (np.array([1000.0, 1001.0]),),
                (np.array([-1000.0, 0.0]),),
                (np.array([-2000.0, 0.0, 2000.0]),),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "largest score not subtracted",
            "For large scores e to their power overflows, and inf / inf is NaN. Subtract the largest score from all first: the "
            "result is the same, and nothing overflows.",
            [Edit("z - z.max(axis=-1, keepdims=True)", "z", "softmax")],
        ),
        Mistake(
            "mean subtracted instead of the largest",
            "You subtract the mean of the scores, so one far above it still overflows, and inf / inf is NaN. Subtract the largest: "
            "then no exponent is above 0.",
            [Edit("z.max(axis=-1", "z.mean(axis=-1", "softmax")],
        ),
        Mistake(
            "smallest subtracted instead of the largest",
            "You subtract the smallest score, which makes every exponent 0 or more: they overflow all the sooner. Subtract the largest.",
            [Edit("z.max(axis=-1", "z.min(axis=-1", "softmax")],
        ),
        Mistake(
            "not divided by the sum",
            "Your numbers do not add up to one: divide each power by the sum of all.",
            [Edit(RESULT, "powers", "softmax")],
        ),
        Mistake(
            "divided by the mean",
            "Your numbers add up to C = {C}: divide by the sum of the powers, not by their mean.",
            [Edit("powers.sum", "powers.mean", "softmax")],
        ),
        Mistake(
            "no exponential",
            "You divide the scores by their sum. Scores may be negative, or add up to 0: take e to their power first.",
            [Edit("np.exp(z - z.max(axis=-1, keepdims=True))", "(z - 0.0)", "softmax")],
        ),
        Mistake(
            "sign of the exponent",
            "Your largest score gets the smallest probability: there is a minus too many in the exponent.",
            [Edit("np.exp(z - z.max", "np.exp(-z + z.max", "softmax")],
        ),
        Mistake(
            "base 2 instead of e",
            "You take powers of 2. The base is e: np.exp.",
            [Edit("np.exp(", "np.exp2(", "softmax")],
        ),
        Mistake(
            "sigmoid of each",
            "You squash each score by itself (a sigmoid). Softmax makes the scores compete: together they add up to one.",
            [Edit(RESULT, "1 / (1 + np.exp(-z))", "softmax")],
        ),
        Mistake(
            "logarithm returned",
            "You return the logarithms of the probabilities.",
            [Edit(RESULT, "np.log(powers / powers.sum(axis=-1, keepdims=True))", "softmax")],
        ),
    ],
)
