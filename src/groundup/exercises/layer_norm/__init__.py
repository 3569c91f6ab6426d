"""Layer normalisation: each example brought to mean 0 and spread 1, then scaled and shifted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice
from groundup.exercises.layer_norm.mistakes import MISTAKES
from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Exercise

NORM = "forward"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays, which it may change."""
    import torch

    def forward(x: Any, gamma: Any, beta: Any) -> Any:
        tensors = (torch.from_numpy(part.astype(float, copy=False)) for part in (x, gamma, beta))
        return step.layer_norm(*tensors).numpy()

    return {NORM: forward}


# The variance of numbers so close together is next to epsilon.
SIZES = st.sampled_from([1.0, 1.0, 1e-3, 3e-3, 0.1, 1e3])
CENTRES = st.sampled_from([0.0, 0.0, 5.0, -20.0])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw one example with its scale and shift; numbers close together or far apart, around 0 or not."""
    size = draw(st.sampled_from([2, 3, 4, 5, 7, 1]))
    x = draw(vectors(size)) * draw(SIZES) + draw(CENTRES)
    return x, draw(vectors(size)), draw(vectors(size))


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw one example, scale and shift, all whole numbers."""
    size = draw(st.integers(1, 5))
    row = st.lists(st.integers(-6, 6), min_size=size, max_size=size)
    return tuple(np.array(draw(row)) for _ in range(3))


def sizes(x: Any, gamma: Any, beta: Any) -> dict[str, int]:
    """Return the number of features."""
    return {"d": len(x)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return one example of 100,000 features."""
    draw = np.random.default_rng(0)
    return NORM, None, tuple(draw.normal(size=(3, 100_000)))


ONES, ZEROS = np.ones(4), np.zeros(4)

exercise = Exercise(
    name="layer-norm",
    title="Layer normalization",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.normalisation"],
    reference=reference,
    entries={NORM: ["forward", "layer_norm"]},
    rounding=5,
    tolerance=1e-5,
    forbidden=["torch.nn.LayerNorm", "torch.nn.functional.layer_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "examples with scale and shift",
            NORM,
            cases(),
            edges=[
                (np.array([1.0, 2.0, 3.0, 4.0]), ONES, ZEROS),
                (np.array([2.0, 2.0, 2.0, 2.0]), ONES, np.array([1.0, 2.0, 3.0, 4.0])),
                (np.array([0.001, 0.002, 0.0, 0.004]), ONES, ZEROS),
                (np.array([4.0, -1.0, 2.5]), np.array([0.5, 2.0, -1.0]), np.array([0.25, -3.0, 1.0])),
                (np.array([3.0]), np.array([2.0]), np.array([0.5])),
                (np.array([-1.0, -4.0, -2.0, -7.5]), np.array([1.0, 0.0, 2.0, 3.0]), ZEROS),
                (np.array([0.1, 0.101, 0.103]), np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0])),
            ],
        ),
        Check(
            "examples of whole numbers",
            NORM,
            whole_cases(),
            edges=[(np.array([1, 2, 3, 4]), np.ones(4, int), np.zeros(4, int))],
            observer=partial(call_on_whole_numbers, entry=NORM),
            examples=10,
            repeats=True,
        ),
        Check(
            "called twice with the same arrays",
            NORM,
            cases(),
            edges=[(np.array([1.0, 2.0, 4.0]), np.array([2.0, 1.0, 3.0]), np.array([1.0, 0.5, 2.0]))],
            observer=partial(call_twice, entry=NORM),
            examples=5,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
