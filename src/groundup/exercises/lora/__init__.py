"""LoRA: a change of low rank beside a layer, and the weight into which it is merged."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP
from groundup.exercises.lora.mistakes import CHANGE, MERGE, MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

ALPHAS = [16.0, 8.0, 1.0, 0.5, 3.0]
SCALES = [1.0, 1e3, 1e-3]


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {CHANGE: step.low_rank_change, MERGE: step.merge}


def draw_case(seed: int, shape: tuple[int, ...], nodes: int, rank: int, alpha: float, scale: float) -> Case:
    """Return numbers of full precision: inputs or a weight of a shape, A, B and α."""
    import torch

    draw = torch.Generator().manual_seed(seed)
    first = scale * torch.randn(*shape, generator=draw)
    down = torch.randn(rank, shape[-1], generator=draw)
    return first, down, scale * torch.randn(nodes, rank, generator=draw), alpha


@st.composite
def changes(draw: st.DrawFn, before: tuple[tuple[int, ...], ...] = ((), (1,), (3,), (2, 3))) -> Case:
    """Draw inputs of one to three dimensions, and a change."""
    features, nodes, rank = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    shape = (*draw(st.sampled_from(before)), features)
    return draw_case(draw(SEEDS), shape, nodes, rank, draw(st.sampled_from(ALPHAS)), draw(st.sampled_from(SCALES)))


@st.composite
def merges(draw: st.DrawFn) -> Case:
    """Draw a weight and a change of it."""
    features, nodes, rank = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    alpha, scale = draw(st.sampled_from(ALPHAS)), draw(st.sampled_from(SCALES))
    return draw_case(draw(SEEDS), (nodes, features), nodes, rank, alpha, scale)


def look_at_weight(answer: Answer, weight: Any, *change: Any) -> dict[str, Any]:
    """Return the merged weight, and what the caller's weight is after the call."""
    kept = answer.given(KEEP, weight)
    return {
        "the merged weight": answer.call(MERGE, kept, *change),
        "the weight after the call": answer.method(kept, ["tolist"]),
    }


def sizes(*case: Any) -> dict[str, int]:
    """Return rank, features and nodes."""
    _, down, up, _ = case
    return {"r": down.shape[0], "features": down.shape[1], "nodes": up.shape[0]}


def worked(first: list[Any]) -> Case:
    """Return the statement's change, of inputs or of a weight."""
    import torch

    return torch.tensor(first), torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [0.0]]), 2.0


def benchmark_case() -> tuple[str, None, Case]:
    """Return 2,000 inputs of 768 features, and a change of rank 8 for 768 nodes."""
    return CHANGE, None, draw_case(0, (2000, 768), 768, 8, 16.0, 1.0)


INPUTS, WEIGHT = [1.0, 2.0], [[1.0, 0.0], [0.0, 1.0]]
ALONG = ((0, "x"), (1, "down"), (2, "up"))

exercise = Exercise(
    name="lora",
    title="LoRA: a change of low rank",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.lora"],
    reference=reference,
    entries={CHANGE: [CHANGE], MERGE: [MERGE]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the change",
            CHANGE,
            changes(),
            edges=[
                worked(INPUTS),
                *map(partial(draw_case, shape=(3, 4), nodes=2, rank=3, alpha=6.0, scale=1.0), (1, 2)),
            ],
            absolute=1e-5,
            arguments=("x", "down", "up", "alpha"),
        ),
        Check(
            "the merged weight",
            MERGE,
            merges(),
            edges=[worked(WEIGHT), draw_case(1, (2, 4), 2, 3, 6.0, 1.0)],
            observer=look_at_weight,
            absolute=1e-5,
            arguments=("weight", "down", "up", "alpha"),
        ),
        GradientCheck(
            "the gradient of the change",
            CHANGE,
            changes(),
            edges=[worked(INPUTS)],
            along=ALONG,
            arguments=("x", "down", "up", "alpha"),
            examples=6,
        ),
        GradientCheck(
            "the gradient of the merged weight",
            MERGE,
            merges(),
            edges=[worked(WEIGHT)],
            along=((0, "weight"), (1, "down"), (2, "up")),
            arguments=("weight", "down", "up", "alpha"),
            examples=4,
        ),
    ],
    mistakes=MISTAKES,
)
