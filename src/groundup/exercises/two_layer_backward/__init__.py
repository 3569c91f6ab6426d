"""Backpropagation through two layers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import matrices, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

FUNCTION = "forward_and_backward"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {FUNCTION: step.forward_and_backward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an example, two layers and a truth."""
    features, hidden, outputs = draw(st.integers(1, 3)), draw(st.integers(2, 4)), draw(st.integers(1, 3))
    first = draw(matrices(hidden, features, -2, 2)), draw(vectors(hidden, -1, 1))
    second = draw(matrices(outputs, hidden, -2, 2)), draw(vectors(outputs, -1, 1))
    return draw(vectors(features, -2, 2)), *first, *second, draw(vectors(outputs, -2, 2))


def sizes(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, truth: Any) -> dict[str, int]:
    """Return the numbers of features, hidden nodes and outputs."""
    return {"d": len(x), "H": len(b1), "K": len(b2)}


exercise = Exercise(
    name="two-layer-backward",
    title="Backpropagation: two layers",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.backpropagation"],
    reference=reference,
    entries={FUNCTION: [FUNCTION]},
    rounding=4,
    sizes=sizes,
    after=["neuron-backward"],
    checks=[
        Check(
            "the loss and all slopes",
            FUNCTION,
            cases(),
            edges=[
                (np.array([1.0, 2.0]), np.eye(2), np.zeros(2), np.array([[0.5, 0.5]]), np.zeros(1), np.array([1.0])),
                (np.array([1.0]), np.array([[-1.0], [2.0]]), np.zeros(2), np.eye(2), np.zeros(2), np.array([1.0, 1.0])),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "ReLU's slope forgotten",
            "Gradients reach hidden nodes that were off. Where z₁ was not positive, ReLU's slope is 0, and nothing flows back.",
            [Edit("np.where(z1 > 0, dh, 0)", "dh", FUNCTION)],
        ),
        Mistake(
            "ReLU forgotten on the way forward",
            "Your hidden layer has no ReLU: both layers together are only one linear layer.",
            [Edit("h = relu(z1)", "h = z1", FUNCTION)],
        ),
        Mistake(
            "ReLU's slope the wrong way round",
            "You let gradients through where the node was off, and stop them where it was on.",
            [Edit("z1 > 0, dh, 0", "z1 > 0, 0, dh", FUNCTION)],
        ),
        Mistake(
            "not averaged over the outputs",
            "Your slopes are K = {K} times too large: the loss is the mean over the K outputs, so its slope is divided by K.",
            [Edit(" / len(truth)", "", FUNCTION)],
        ),
        Mistake(
            "the 2 is missing",
            "Your slopes are half of what they should be: the square brings down a 2.",
            [Edit("2 * (prediction - truth)", "(prediction - truth)", FUNCTION)],
        ),
        Mistake(
            "sign of the error",
            "Your slopes have the wrong sign: it is prediction minus truth.",
            [Edit("2 * (prediction - truth)", "2 * (truth - prediction)", FUNCTION)],
        ),
        Mistake(
            "second layer's inputs confused",
            "dW2 is made of z₁, before the ReLU. What the second layer's weights multiply is h, after it.",
            [Edit("np.outer(d_prediction, h)", "np.outer(d_prediction, z1)", FUNCTION)],
        ),
        Mistake(
            "dW1 transposed",
            "dW1 lies the wrong way round: it has W1's own shape, (hidden, features).",
            [Edit("np.outer(dz1, x)", "np.outer(x, dz1)", FUNCTION)],
        ),
        Mistake(
            "dW2 transposed",
            "dW2 lies the wrong way round: it has W2's own shape, (outputs, hidden).",
            [Edit("np.outer(d_prediction, h)", "np.outer(h, d_prediction)", FUNCTION)],
        ),
        Mistake(
            "ReLU's slope missing from db1",
            "db1 misses the ReLU's slope: it is the slope along z₁, as for the weights.",
            [Edit("np.outer(dz1, x), dz1", "np.outer(dz1, x), dh", FUNCTION)],
        ),
        Mistake(
            "loss summed",
            "Your loss is K = {K} times too large: it is the mean over the outputs.",
            [Edit("np.mean((truth", "np.sum((truth", FUNCTION)],
        ),
        Mistake(
            "loss halved",
            "Your loss is half of what it should be: here it is the plain mean of the squares, without a ½.",
            [Edit("loss = float(np.mean(", "loss = float(0.5 * np.mean(", FUNCTION)],
        ),
        Mistake(
            "first bias left out",
            "The first layer's bias is missing on the way forward.",
            [Edit("W1 @ x + b1", "W1 @ x", FUNCTION)],
        ),
        Mistake(
            "second bias left out",
            "The second layer's bias is missing on the way forward.",
            [Edit("W2 @ h + b2", "W2 @ h", FUNCTION)],
        ),
        Mistake(
            "gradient stops at the second layer",
            "Nothing flows back into the first layer: multiply the outputs' slopes by W2, transposed.",
            [Edit("W2.T @ d_prediction", "0 * (W2.T @ d_prediction)", FUNCTION)],
        ),
    ],
)
