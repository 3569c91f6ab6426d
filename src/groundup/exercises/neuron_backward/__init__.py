"""Backpropagation through one neuron."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import numbers, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def backward(x: Any, w: Any, b: float, y_true: float) -> Any:
        return step.differentiate_neuron(x, w, b, float(y_true))

    return {"backward": backward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw inputs, weights, a bias and a truth."""
    size = draw(st.integers(1, 4))
    return (
        draw(vectors(size, -2, 2)),
        draw(vectors(size, -1, 1)),
        draw(numbers(-1, 1)),
        draw(st.sampled_from([0.0, 1.0, 0.5])),
    )


X, W, FUNCTION = np.array([1.0, 2.0]), np.array([0.5, -0.5]), "differentiate_neuron"

exercise = Exercise(
    name="neuron-backward",
    title="Backpropagation: one neuron",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.neuron"],
    reference=reference,
    entries={"backward": ["backward", FUNCTION]},
    rounding=5,
    libraries=("numpy", "torch"),
    after=["neuron"],
    checks=[
        Check(
            "the slopes along weights and bias",
            "backward",
            cases(),
            edges=[(X, W, 0.1, 1.0), (X, W, 0.1, 0.0), (np.array([0.0]), np.array([1.0]), 0.0, 1.0)],
        )
    ],
    mistakes=[
        Mistake(
            "sign of the error",
            "Your slopes have the wrong sign: the loss ½ (ŷ − y)² has the slope ŷ − y along ŷ, prediction minus truth.",
            [Edit("(prediction - truth)", "(truth - prediction)", FUNCTION)],
        ),
        Mistake(
            "the sigmoid's slope forgotten",
            "You leave the activation's own slope out. The chain rule multiplies by σ'(z) = ŷ (1 − ŷ).",
            [Edit(" * prediction * (1 - prediction)", "", FUNCTION)],
        ),
        Mistake(
            "sigmoid's slope of the prediction",
            "You apply the sigmoid once more to find its slope. ŷ is σ(z) already: σ'(z) = ŷ (1 − ŷ).",
            [
                Edit(
                    "prediction * (1 - prediction)",
                    "sigmoid(np.asarray(prediction)) * (1 - sigmoid(np.asarray(prediction)))",
                    FUNCTION,
                )
            ],
        ),
        Mistake(
            "half of the sigmoid's slope",
            "You multiply by ŷ but not by 1 − ŷ: σ'(z) = ŷ (1 − ŷ).",
            [Edit(" * (1 - prediction)", "", FUNCTION)],
        ),
        Mistake(
            "the other half of the sigmoid's slope",
            "You multiply by 1 − ŷ but not by ŷ: σ'(z) = ŷ (1 − ŷ).",
            [Edit("prediction * (1 - prediction)", "(1 - prediction)", FUNCTION)],
        ),
        Mistake(
            "factor 2",
            "Your slopes are twice what they should be: the loss here is ½ (ŷ − y)², and the ½ cancels the 2.",
            [Edit("(prediction - truth)", "2 * (prediction - truth)", FUNCTION)],
        ),
        Mistake(
            "factor ½ kept",
            "Your slopes are half of what they should be: the 2 of the square and the ½ cancel.",
            [Edit("(prediction - truth)", "0.5 * (prediction - truth)", FUNCTION)],
        ),
        Mistake(
            "weights instead of inputs",
            "You multiply by the weights. The slope along a weight is what that weight multiplies: its input.",
            [Edit("dz * x", "dz * w", FUNCTION)],
        ),
        Mistake(
            "inputs left out",
            "All your weights have the same slope: multiply by each weight's own input.",
            [Edit("dz * x", "dz * np.ones_like(x)", FUNCTION)],
        ),
        Mistake(
            "bias' slope times the inputs",
            "You multiply the bias' slope by the inputs' sum. The bias is a weight whose input is always 1.",
            [Edit("return dz * x, dz", "return dz * x, dz * x.sum()", FUNCTION)],
        ),
        Mistake(
            "bias left out of the prediction",
            "You predict without the bias.",
            [Edit("neuron(x, w, b,", "neuron(x, w, 0.0,", FUNCTION)],
        ),
        Mistake(
            "absolute error",
            "You differentiate |ŷ − y|, whose slope is the same however large the error is. The loss here is the squared error.",
            [
                Edit(
                    "(prediction - truth) * prediction * (1 - prediction)",
                    "np.sign(prediction - truth) * prediction * (1 - prediction)",
                    FUNCTION,
                )
            ],
        ),
    ],
)
