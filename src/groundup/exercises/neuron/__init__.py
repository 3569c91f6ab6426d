"""One neuron: a weighted sum, a bias, an activation."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import numbers, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's name."""
    return {"forward": step.neuron}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw inputs, weights, a bias and an activation."""
    size = draw(st.integers(1, 4))
    return draw(vectors(size)), draw(vectors(size)), draw(numbers()), draw(st.sampled_from(["sigmoid", "relu"]))


X, W = np.array([1.0, 2.0]), np.array([0.5, -0.5])

exercise = Exercise(
    name="neuron",
    title="A single neuron",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.neuron"],
    reference=reference,
    entries={"forward": ["forward", "neuron"]},
    rounding=5,
    after=["activations"],
    checks=[
        Check(
            "what the neuron answers",
            "forward",
            cases(),
            edges=[(X, W, 0.1, "sigmoid"), (X, W, 0.1, "relu"), (X, -W, 0.1, "relu"), (X, W, 0.5, "relu")],
        )
    ],
    mistakes=[
        Mistake(
            "bias left out",
            "The bias is missing: it is added to the weighted sum before the activation.",
            [Edit(" + b)", ")", "neuron")],
        ),
        Mistake("bias subtracted", "You subtract the bias: add it.", [Edit("+ b)", "- b)", "neuron")]),
        Mistake(
            "bias added after the activation",
            "You add the bias to the activation's result. It belongs into the sum that the activation squashes.",
            [
                Edit(
                    "np.asarray(w @ x + b)\n    return float(activations[activation](z))",
                    "np.asarray(w @ x)\n    return float(activations[activation](z)) + b",
                    "neuron",
                )
            ],
        ),
        Mistake(
            "averaged, not summed",
            "You average the products: a neuron adds them up.",
            [Edit("w @ x", "w @ x / len(x)", "neuron")],
        ),
        Mistake(
            "activation forgotten",
            "You return the weighted sum itself: the activation comes last.",
            [Edit("activations[activation](z)", "z", "neuron")],
        ),
        Mistake(
            "always the sigmoid",
            "You use the sigmoid whatever is asked for: look at the argument activation.",
            [Edit("activations[activation]", 'activations["sigmoid"]', "neuron")],
        ),
        Mistake(
            "always ReLU",
            "You use ReLU whatever is asked for: look at the argument activation.",
            [Edit("activations[activation]", 'activations["relu"]', "neuron")],
        ),
        Mistake(
            "activations exchanged",
            "You use ReLU where the sigmoid is asked for, and the sigmoid for ReLU.",
            [Edit('{"sigmoid": sigmoid, "relu": relu}', '{"sigmoid": relu, "relu": sigmoid}', "neuron")],
        ),
        Mistake(
            "the last input left out",
            "The last input takes no part in the sum.",
            [Edit("w @ x", "w[:-1] @ x[:-1]", "neuron")],
        ),
        Mistake(
            "each product squashed by itself",
            "You squash each product, with the bias, and add the results up: first the whole sum, then the activation, once.",
            [
                Edit(
                    "np.asarray(w @ x + b)\n    return float(activations[activation](z))",
                    "np.asarray(w * x + b)\n    return float(activations[activation](z).sum())",
                    "neuron",
                )
            ],
        ),
        Mistake(
            "sign of the sum",
            "Your sum has the wrong sign.",
            [Edit("np.asarray(w @ x + b)", "-np.asarray(w @ x + b)", "neuron")],
        ),
    ],
)
