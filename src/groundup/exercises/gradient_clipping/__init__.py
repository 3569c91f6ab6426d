"""Gradient clipping: one factor for all gradients of a model."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.gradient_clipping.mistakes import MISTAKES
from groundup.exercises.strategies import random_tensors, tensors
from groundup.judge.exercise import Case, Check, Exercise

CLIP = "clip_gradients"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    def clip_gradients(gradients: Any, max_norm: float) -> Any:
        return step.clip_gradients(gradients, max_norm)

    return {CLIP: clip_gradients}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw gradients of any shapes, and a largest length below or above their own."""
    shapes = draw(st.lists(st.sampled_from([(2,), (1,), (3,), (2, 3), (1, 2), (2, 1, 2)]), min_size=1, max_size=4))
    kind = draw(st.sampled_from([tensors, random_tensors]))
    scale = draw(st.sampled_from([1.0, 1.0, 100.0]))
    gradients = [scale * draw(kind(*shape)) for shape in shapes]
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    if norm < 0.5:
        # Below, what may be added to the norm under the line would show.
        gradients[0] = gradients[0] + 1.0
        norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    share = draw(st.sampled_from([0.5, 0.1, 0.9, 1.5, 10.0, 0.01]))
    return gradients, share * max(norm, 0.5)


def edge(max_norm: float, *gradients: Any) -> Case:
    """Return a case of some gradients."""
    import torch

    return [torch.tensor(gradient) for gradient in gradients], max_norm


def benchmark_case() -> tuple[str, None, Case]:
    """Return the gradients of a model of four million weights."""
    import torch

    draw = torch.Generator().manual_seed(0)
    return CLIP, None, ([torch.randn(1000, 1000, generator=draw) for _ in range(4)], 1.0)


exercise = Exercise(
    name="gradient-clipping",
    title="Gradient clipping",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.gradient_clipping"],
    reference=reference,
    entries={CLIP: [CLIP]},
    tolerance=2e-5,
    forbidden=("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grads_with_norm_"),
    libraries=("numpy", "torch"),
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the clipped gradients and their norm",
            CLIP,
            cases(),
            edges=[
                edge(1.0, [3.0], [4.0]),
                edge(10.0, [3.0], [4.0]),
                edge(2.0, [[1.0, -2.0], [4.0, 0.5]], [3.0, -1.0, 2.0]),
                edge(0.5, [-2.0]),
                edge(1.0, [0.0, 0.0], [[0.0]]),
                # Numbers below and above the largest norm side by side.
                edge(4.0, [0.25, -5.0], [3.0]),
                # Each is short enough by itself, together they are not.
                edge(2.5, [2.0, 0.0], [0.0, -2.0]),
            ],
            examples=40,
            results=("the gradients", "the norm"),
        ),
        Check(
            "a second call with the same tensors",
            CLIP,
            cases(),
            observer=partial(call_twice, entry=CLIP),
            edges=[edge(1.0, [3.0], [4.0])],
            examples=4,
            arguments=("gradients", "max_norm"),
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
