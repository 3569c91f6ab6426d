"""A network from scratch, forward."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import matrices, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"forward": step.forward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an input and up to three layers."""
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = list(itertools.pairwise(widths))
    weights = [draw(matrices(inputs, outputs, -2, 2)) for inputs, outputs in layers]
    biases = [draw(vectors(outputs, -2, 2)) for _, outputs in layers]
    return draw(vectors(widths[0], -2, 2)), weights, biases


def sizes(x: Any, weights: Any, biases: Any) -> dict[str, int]:
    """Return the number of layers."""
    return {"L": len(weights)}


FORWARD, LAST = "forward", "return x @ weights[-1] + biases[-1]"
A, B = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1.0], [1.0]])

exercise = Exercise(
    name="network-forward",
    title="A network from scratch",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.backpropagation"],
    reference=reference,
    entries={FORWARD: [FORWARD]},
    rounding=5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    after=["neuron"],
    checks=[
        Check(
            "networks of any depth",
            FORWARD,
            cases(),
            edges=[
                (np.array([1.0, -2.0]), [A, B], [np.array([0.5, 0.5]), np.array([-1.0])]),
                (np.array([1.0]), [np.array([[-2.0]])], [np.array([0.5])]),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "ReLU after the last layer, too",
            "You cut the outputs off at 0. The last layer has no ReLU: its outputs may be negative.",
            [Edit(LAST, "return relu(x @ weights[-1] + biases[-1])", FORWARD)],
        ),
        Mistake(
            "no ReLU at all",
            "There is no ReLU between your layers, so that all of them together are one linear layer.",
            [Edit("relu(x @ W + b)", "x @ W + b", FORWARD)],
        ),
        Mistake(
            "ReLU before the bias",
            "You add the bias after the ReLU: it belongs into the sum.",
            [Edit("relu(x @ W + b)", "relu(x @ W) + b", FORWARD)],
        ),
        Mistake(
            "hidden biases left out",
            "The hidden layers' biases are missing.",
            [Edit("x @ W + b", "x @ W", FORWARD)],
        ),
        Mistake(
            "last bias left out",
            "The last layer's bias is missing.",
            [Edit(" + biases[-1]", "", FORWARD)],
        ),
        Mistake(
            "weights transposed",
            "You multiply from the wrong side: here a weight has a row for each input and a column for each node, x @ W.",
            [Edit("x @ W + b", "W @ x + b", FORWARD), Edit("x @ weights[-1]", "weights[-1] @ x", FORWARD)],
        ),
        Mistake(
            "the last layer left out",
            "You stop before the last layer.",
            [Edit(LAST, "return x", FORWARD)],
        ),
        Mistake(
            "the first layer left out",
            "You start with the second layer.",
            [Edit("weights[:-1], biases[:-1]", "weights[1:-1], biases[1:-1]", FORWARD)],
        ),
        Mistake(
            "sigmoid instead of ReLU",
            "You squash with a sigmoid between the layers: ReLU is asked for.",
            [Edit("relu(x @ W + b)", "1 / (1 + np.exp(-(x @ W + b)))", FORWARD)],
        ),
        Mistake(
            "residuals added",
            "You add each layer's input to its output: that is another kind of network.",
            [Edit("x = relu(x @ W + b)", "x = relu(x @ W + b) + (x if W.shape[0] == W.shape[1] else 0)", FORWARD)],
        ),
    ],
)
