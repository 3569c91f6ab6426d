"""The feed-forward with a gate, as today's models have it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import Tensor

from groundup.exercises.gated_feed_forward.mistakes import CLASS, MISTAKES, TRANSFORMER
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck, fixed_cases
from groundup.exercises.strategies import SEEDS, scaled_tensors
from groundup.judge.exercise import Case, Exercise
from groundup.judge.module_check import ModuleCheck

SHOWN = ("built with", "inputs", "seed")


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    class GatedFeedForward(step.GatedFeedForward):  # type: ignore[name-defined]
        def __init__(self, model_dim: int, hidden_dim: int) -> None:
            super().__init__(model_dim, hidden_dim)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = super().forward(x)
            return found

    return {CLASS: GatedFeedForward}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw both widths, an input and a seed."""
    width, hidden = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    return (
        (width, hidden),
        (draw(scaled_tensors(draw(st.integers(1, 3)), draw(st.integers(1, 4)), width)),),
        draw(SEEDS),
    )


def one_case(width: int, hidden: int, batch: int, time: int) -> Case:
    """Return a case of these sizes."""
    import torch

    return (width, hidden), (torch.randn(batch, time, width, generator=torch.Generator().manual_seed(time)),), 0


def sizes(built: Any, *_: Any) -> dict[str, int]:
    """Return both widths."""
    return {"C": built[0], "f": built[1]}


def benchmark_case() -> tuple[str, Case, Case]:
    """Return a feed-forward of 64 and 192 channels over 8 texts of 256 tokens."""
    built, inputs, _ = one_case(64, 192, 8, 256)
    return CLASS, built, inputs


exercise = Exercise(
    name="gated-feed-forward",
    title="A feed-forward with a gate",
    folder=Path(__file__).parent,
    modules=[TRANSFORMER],
    reference=reference,
    entries={CLASS: [CLASS, "Solution"]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        RegisteredCheck(
            "PyTorch knows of all its layers",
            CLASS,
            st.tuples(st.integers(2, 4), st.integers(2, 3)),
            examples=2,
            arguments=("model_dim", "hidden_dim"),
        ),
        ModuleCheck(
            "what the feed-forward puts out",
            CLASS,
            cases(),
            edges=[one_case(3, 5, 2, 3), one_case(1, 1, 1, 1), one_case(4, 4, 1, 3)],
            examples=20,
            arguments=SHOWN,
        ),
        LearningCheck("its gradients", CLASS, cases(), edges=[one_case(3, 5, 2, 3)], examples=6, arguments=SHOWN),
        TrainingCheck("the same in training mode", CLASS, fixed_cases((3, 4), (4, 2)), examples=2, arguments=SHOWN),
    ],
    mistakes=MISTAKES,
)
