"""RMS normalisation: each example divided by the root of the mean of its squares."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays or lists."""
    import torch

    def rms_norm(x: Any, gamma: Any, eps: float) -> Any:
        return step.rms_norm(
            torch.tensor(x, dtype=torch.float64), torch.tensor(gamma, dtype=torch.float64), eps
        ).numpy()

    return {"rms_norm": rms_norm}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw one example, its scale and an epsilon."""
    size = draw(st.integers(2, 5))
    return draw(vectors(size)), draw(vectors(size)), draw(st.sampled_from([1e-5, 1e-2, 0.5]))


def sizes(x: Any, gamma: Any, eps: float) -> dict[str, int]:
    """Return the number of features."""
    return {"d": len(x)}


NORM = "rms_norm"

exercise = Exercise(
    name="rms-norm",
    title="RMS normalisation",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.normalisation"],
    reference=reference,
    entries={"rms_norm": ["rms_norm", "forward"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.RMSNorm", "torch.nn.functional.rms_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    after=["layer-norm"],
    checks=[
        Check(
            "examples with a scale",
            "rms_norm",
            cases(),
            edges=[
                (np.array([1.0, 2.0, 3.0]), np.ones(3), 1e-5),
                (np.zeros(3), np.ones(3), 1e-5),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "mean subtracted",
            "You subtract the mean first, as layer normalisation does. The RMS norm only divides, and is cheaper for it.",
            [Edit("return gamma * x /", "return gamma * (x - x.mean(dim=-1, keepdim=True)) /", NORM)],
        ),
        Mistake(
            "variance instead of mean square",
            "You divide by the standard deviation, which measures from the mean. Here the squares of x itself are averaged.",
            [Edit("x.square()", "(x - x.mean(dim=-1, keepdim=True)).square()", NORM)],
        ),
        Mistake(
            "root forgotten",
            "You divide by the mean square, not by its root.",
            [Edit("torch.sqrt(mean_square + epsilon)", "(mean_square + epsilon)", NORM)],
        ),
        Mistake(
            "summed, not averaged",
            "You divide by the length of x, the root of the sum of squares: take their mean, or the result shrinks with "
            "√d = √{d}.",
            [Edit(".mean(", ".sum(", NORM)],
        ),
        Mistake(
            "epsilon outside the root",
            "You add ε after the root. It belongs under it.",
            [Edit("torch.sqrt(mean_square + epsilon)", "(torch.sqrt(mean_square) + epsilon)", NORM)],
        ),
        Mistake(
            "epsilon forgotten",
            "Without ε an example of zeros is divided by zero.",
            [Edit(" + epsilon", "", NORM)],
        ),
        Mistake(
            "scale left out",
            "γ is missing: each feature is multiplied by its own learned scale.",
            [Edit("gamma * ", "", NORM)],
        ),
        Mistake(
            "mean of the sizes",
            "You divide by the mean of |x|. Square first, average, then take the root: large numbers count more.",
            [Edit("torch.sqrt(mean_square + epsilon)", "(x.abs().mean(dim=-1, keepdim=True) + epsilon)", NORM)],
        ),
    ],
)
