"""Batch normalisation: each feature brought to mean 0 and spread 1 over the batch, with running averages."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import matrices, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays."""
    import torch

    def batch_norm(
        x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, momentum: float, eps: float, training: bool
    ) -> Any:
        tensors = map(torch.from_numpy, (x, gamma, beta, running_mean, running_var))
        return tuple(part.numpy() for part in step.batch_norm(*tensors, momentum, eps, training))

    return {"batch_norm": batch_norm}


@st.composite
def cases(draw: st.DrawFn, training: bool) -> Case:
    """Draw a batch, scale and shift, running averages, momentum and epsilon."""
    rows, features = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    scale_and_shift = draw(vectors(features)), draw(vectors(features))
    running = draw(vectors(features)), draw(vectors(features, low=0.5))
    momentum = draw(st.sampled_from([0.1, 0.3]))
    return (
        draw(matrices(rows, features)),
        *scale_and_shift,
        *running,
        momentum,
        draw(st.sampled_from([1e-5, 0.1])),
        training,
    )


def sizes(x: Any, *_: Any) -> dict[str, int]:
    """Return the batch's size and the number of features."""
    return {"N": x.shape[0], "d": x.shape[1]}


NORM = "batch_norm"
WORKED = np.array([[1.0, 2.0], [3.0, 4.0]])
ONE, ZERO = np.ones(2), np.zeros(2)

exercise = Exercise(
    name="batch-norm",
    title="Batch normalisation",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.normalisation"],
    reference=reference,
    entries={"batch_norm": ["batch_norm", "forward"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.BatchNorm1d", "torch.nn.functional.batch_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    after=["layer-norm"],
    checks=[
        Check(
            "in training",
            "batch_norm",
            cases(training=True),
            edges=[(WORKED, ONE, ZERO, ZERO, ONE, 0.1, 1e-5, True)],
        ),
        Check(
            "in evaluation",
            "batch_norm",
            cases(training=False),
            edges=[
                (WORKED, ONE, ZERO, ZERO, ONE, 0.1, 1e-5, False),
                (np.array([[1.0, 2.0]]), ONE, ZERO, ONE, ONE, 0.1, 1e-5, False),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "normalised over the features",
            "You average over the features of each example: that is layer normalisation. Batch normalisation averages each "
            "feature over the N = {N} examples.",
            [
                Edit("x.mean(dim=0)", "x.mean(dim=1, keepdim=True)", NORM),
                Edit(".square().mean(dim=0)", ".square().mean(dim=1, keepdim=True)", NORM),
                Edit("momentum * mean.detach()", "momentum * x.mean(dim=0)", NORM),
                Edit("momentum * variance.detach()", "momentum * x.var(dim=0, unbiased=False)", NORM),
            ],
        ),
        Mistake(
            "the batch's own averages in evaluation",
            "In evaluation you still normalise by the batch, so an example's result hangs on its neighbours. Use the running "
            "averages there.",
            [
                Edit(
                    "mean, variance = running_mean, running_var",
                    "mean, variance = x.mean(dim=0), x.var(dim=0, unbiased=False)",
                    NORM,
                )
            ],
        ),
        Mistake(
            "running averages used in training",
            "In training you normalise by the running averages. They are for evaluation; in training the batch itself counts.",
            [
                Edit(
                    "    out = gamma",
                    "    if training:\n        mean, variance = running_mean, running_var\n    out = gamma",
                    NORM,
                )
            ],
        ),
        Mistake(
            "momentum the wrong way round",
            "Your running averages keep the momentum's share of the old and take the rest of the new. Here momentum is the "
            "share of the new batch: new = (1 − momentum) · old + momentum · batch.",
            [
                Edit("(1 - momentum) * running_mean + momentum *", "momentum * running_mean + (1 - momentum) *", NORM),
                Edit("(1 - momentum) * running_var + momentum *", "momentum * running_var + (1 - momentum) *", NORM),
            ],
        ),
        Mistake(
            "running averages not updated",
            "You return the running averages unchanged: each training batch moves them a little.",
            [
                Edit("(1 - momentum) * running_mean + momentum * mean.detach()", "running_mean", NORM),
                Edit("(1 - momentum) * running_var + momentum * variance.detach()", "running_var", NORM),
            ],
        ),
        Mistake(
            "running averages replaced",
            "You return the batch's own averages as the running ones: they only move a share (momentum) of the way.",
            [
                Edit("(1 - momentum) * running_mean + momentum * mean", "mean", NORM),
                Edit("(1 - momentum) * running_var + momentum * variance", "variance", NORM),
            ],
        ),
        Mistake(
            "divided by N − 1",
            "Your batch variance has N − 1 underneath. The course takes the plain mean of the squares: divide by N = {N}. "
            "(PyTorch itself uses N − 1, but for the running variance only.)",
            [Edit("(x - mean).square().mean(dim=0)", "(x - mean).square().sum(dim=0) / (len(x) - 1)", NORM)],
        ),
        Mistake(
            "running deviation instead of variance",
            "You gather the standard deviation in running_var: it holds variances.",
            [Edit("momentum * variance.detach()", "momentum * variance.detach().sqrt()", NORM)],
        ),
        Mistake(
            "divided by the variance",
            "You divide by the variance, not by its root.",
            [Edit("torch.sqrt(variance + epsilon)", "(variance + epsilon)", NORM)],
        ),
        Mistake(
            "epsilon outside the root",
            "You add ε after the root. It belongs under it.",
            [Edit("torch.sqrt(variance + epsilon)", "(torch.sqrt(variance) + epsilon)", NORM)],
        ),
        Mistake(
            "scale left out",
            "γ is missing: each feature is multiplied by its own learned scale.",
            [Edit("gamma * (x", "(x", NORM)],
        ),
        Mistake(
            "shift left out",
            "β is missing: each feature gets its own learned shift at the end.",
            [Edit(" + beta", "", NORM)],
        ),
        Mistake(
            "only the mean moves",
            "You move the running mean but not the running variance.",
            [Edit("(1 - momentum) * running_var + momentum * variance.detach()", "running_var * 1", NORM)],
        ),
    ],
)
