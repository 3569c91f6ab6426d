"""RMS normalisation: each example divided by the root of the mean of its squares."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises import calling
from groundup.exercises.rms_norm.mistakes import MISTAKES
from groundup.exercises.strategies import vectors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Case, Check, Exercise

NORM = "rms_norm"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays, which it may change, or lists."""
    import torch

    def rms_norm(x: Any, gamma: Any, eps: float) -> Any:
        tensors = (torch.from_numpy(np.asarray(part, dtype=float)) for part in (x, gamma))
        return step.rms_norm(*tensors, eps).numpy()

    return {NORM: rms_norm}


# Mean squares of any size beside epsilon.
SIZES = st.sampled_from([1.0, 1.0, 1e-3, 0.1, 1e3])
EPSILONS = st.sampled_from([1e-5, 1e-2, 0.5, 1e-6, 1e-8, 2.0])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw one example, its scale and an epsilon."""
    size = draw(st.sampled_from([2, 3, 4, 5, 7, 1]))
    return draw(vectors(size)) * draw(SIZES), draw(vectors(size)), draw(EPSILONS)


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw one example and its scale, whole numbers, and an epsilon."""
    size = draw(st.integers(1, 5))
    row = st.lists(st.integers(-6, 6), min_size=size, max_size=size)
    return np.array(draw(row)), np.array(draw(row)), draw(EPSILONS)


def call_on_whole_numbers(answer: Answer, *case: Any) -> Any:
    """Return what is made of whole numbers, in lists where arrays are refused, as floats where whole numbers are."""
    try:
        return calling.call_with_arrays_or_lists(answer, *case, entry=NORM)
    except AnswerRaised:
        return calling.call_on_whole_numbers(answer, *case, entry=NORM)


def sizes(x: Any, gamma: Any, eps: float) -> dict[str, int]:
    """Return the number of features."""
    return {"d": len(x)}


exercise = Exercise(
    name="rms-norm",
    title="RMS normalization",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.normalisation"],
    reference=reference,
    entries={NORM: [NORM, "forward"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.RMSNorm", "torch.nn.functional.rms_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Check(
            "examples with a scale",
            NORM,
            cases(),
            observer=partial(calling.call_with_arrays_or_lists, entry=NORM),
            edges=[
                (np.array([1.0, 2.0, 3.0]), np.ones(3), 1e-5),
                (np.zeros(3), np.ones(3), 1e-5),
                (np.array([3.0]), np.array([2.0]), 0.5),
                (np.array([-3.0]), np.array([2.0]), 1e-5),
                (np.array([0.5, -1.5, 2.25, -4.0]), np.array([2.0, -1.0, 0.5, 1.0]), 0.1),
                (np.array([0.001, -0.002]), np.array([1.0, 3.0]), 1e-5),
                (np.array([0.001, -0.002]), np.array([1.0, 3.0]), 1e-8),
                (np.array([2.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0]), 1e-5),
            ],
        ),
        Check(
            "examples of whole numbers",
            NORM,
            whole_cases(),
            observer=call_on_whole_numbers,
            edges=[(np.array([1, 2, 3]), np.ones(3, int), 1e-5)],
            examples=10,
            repeats=True,
        ),
        Check(
            "called twice with the same arrays",
            NORM,
            cases(),
            edges=[(np.array([1.0, 2.0, 4.0]), np.array([2.0, 1.0, 3.0]), 0.5)],
            observer=partial(calling.call_twice_with_arrays_or_lists, entry=NORM),
            examples=5,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
