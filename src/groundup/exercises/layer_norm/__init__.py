"""Layer normalisation: each example brought to mean 0 and spread 1, then scaled and shifted."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays."""
    import torch

    def forward(x: Any, gamma: Any, beta: Any) -> Any:
        return step.layer_norm(*map(torch.from_numpy, (x, gamma, beta))).numpy()

    return {"forward": forward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw one example with its scale and shift."""
    size = draw(st.integers(2, 5))
    return draw(vectors(size)), draw(vectors(size)), draw(vectors(size))


def sizes(x: Any, gamma: Any, beta: Any) -> dict[str, int]:
    """Return the number of features."""
    return {"d": len(x)}


def large() -> tuple[str, None, Case]:
    """Return one example of 100,000 features."""
    draw = np.random.default_rng(0)
    return "forward", None, tuple(draw.normal(size=(3, 100_000)))


NORM = "layer_norm"
ONES, ZEROS = np.ones(4), np.zeros(4)

exercise = Exercise(
    name="layer-norm",
    title="Layer normalisation",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.normalisation"],
    reference=reference,
    entries={"forward": ["forward", "layer_norm"]},
    rounding=5,
    tolerance=1e-5,
    forbidden=["torch.nn.LayerNorm", "torch.nn.functional.layer_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    checks=[
        Check(
            "examples with scale and shift",
            "forward",
            cases(),
            edges=[
                (np.array([1.0, 2.0, 3.0, 4.0]), ONES, ZEROS),
                (np.array([2.0, 2.0, 2.0, 2.0]), ONES, np.array([1.0, 2.0, 3.0, 4.0])),
                (np.array([0.001, 0.002, 0.0, 0.004]), ONES, ZEROS),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "mean not subtracted",
            "You divide by the spread without subtracting the mean first, so the result is not centred on 0.",
            [Edit("gamma * (x - mean)", "gamma * x", NORM)],
        ),
        Mistake(
            "divided by the variance",
            "You divide by the variance. Its root, the standard deviation, has the unit of x; only that brings the spread to 1.",
            [Edit("torch.sqrt(variance + epsilon)", "(variance + epsilon)", NORM)],
        ),
        Mistake(
            "divided by d − 1",
            "Your variance has d − 1 underneath, as for a sample. Layer normalisation takes the plain mean of the squares: "
            "divide by d = {d} (in NumPy ddof=0, in PyTorch unbiased=False).",
            [
                Edit(
                    ".square().mean(dim=-1, keepdim=True)",
                    ".square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)",
                    NORM,
                )
            ],
        ),
        Mistake(
            "epsilon outside the root",
            "You add ε after the root. It belongs under it: √(variance + ε).",
            [Edit("torch.sqrt(variance + epsilon)", "(torch.sqrt(variance) + epsilon)", NORM)],
        ),
        Mistake(
            "epsilon forgotten",
            "Without ε an example of equal numbers is divided by zero: add 10⁻⁵ under the root.",
            [Edit(" + epsilon", "", NORM)],
        ),
        Mistake(
            "scale left out",
            "γ is missing: after the normalisation each feature is multiplied by its own learned scale.",
            [Edit("gamma * ", "", NORM)],
        ),
        Mistake(
            "shift left out",
            "β is missing: at the end each feature gets its own learned shift.",
            [Edit(" + beta", "", NORM)],
        ),
        Mistake(
            "scale and shift exchanged",
            "You multiply by β and add γ. γ scales, β shifts.",
            [Edit("gamma * (x", "beta * (x", NORM), Edit("+ beta", "+ gamma", NORM)],
        ),
        Mistake(
            "shifted before it is scaled",
            "You add β before multiplying by γ, so the shift is scaled as well: first γ, then β.",
            [
                Edit(
                    "gamma * (x - mean) / torch.sqrt(variance + epsilon) + beta",
                    "gamma * ((x - mean) / torch.sqrt(variance + epsilon) + beta)",
                    NORM,
                )
            ],
        ),
        Mistake(
            "variance around zero",
            "Your variance is the mean of x² itself: subtract the mean before squaring. (The RMS norm divides by the root of x²'s mean.)",
            [Edit("(x - mean).square()", "x.square()", NORM)],
        ),
    ],
)
