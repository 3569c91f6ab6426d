"""Gradient accumulation: one step on a batch that is computed in parts."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import name_nothing
from groundup.exercises.gradient_accumulation.mistakes import MISTAKES
from groundup.exercises.strategies import random_tensors
from groundup.exercises.watched_training import PICK, WATCHED
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

STEP = "train_step"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {STEP: step.train_step}


def watch_step(answer: Answer, inputs: Any, targets: Any, part_size: int, weight: Any, rate: float) -> dict[str, Any]:
    """Return loss and weight of a step, and what happens in it; gradients of an earlier step are there at first."""
    import torch

    watched = answer.given(WATCHED, weight, rate, True, torch.ones_like(weight))
    model, loss, optimizer = (answer.given(PICK, watched, name) for name in ("model", "loss_function", "optimizer"))
    got = answer.call(STEP, model, loss, optimizer, inputs, targets, part_size)
    events = answer.method(watched, ["list_events"])
    return {
        "the loss returned": name_nothing(got),
        "the weight after the step": answer.method(watched, ["read_weight"]),
        "examples in the parts": [len(event[2]) for event in events if event[0] == "predict"],
        "what happens": ", ".join(event[0] for event in events if event[0] != "zero_grad"),
    }


@st.composite
def batches(draw: st.DrawFn) -> Case:
    """Draw a batch, the size of its parts, a weight and a learning rate."""
    rows, features = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    scale = draw(st.sampled_from([1.0, 0.1, 2.0]))
    inputs, targets = draw(random_tensors(rows, features)), draw(random_tensors(rows))
    rate = draw(st.sampled_from([0.1, 0.01, 0.03]))
    return scale * inputs, targets, draw(st.integers(1, 4)), draw(random_tensors(features)), rate


def worked(part_size: int) -> Case:
    """Return the statement's example."""
    import torch

    return torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([2.0, 4.0, 6.0]), part_size, torch.zeros(1), 0.1


def several(rows: int, part_size: int) -> Case:
    """Return a batch of several parts."""
    import torch

    draw = torch.Generator().manual_seed(rows)
    inputs, targets = torch.randn(rows, 2, generator=draw), torch.randn(rows, generator=draw)
    return inputs, targets, part_size, torch.ones(2), 0.05


exercise = Exercise(
    name="gradient-accumulation",
    title="Gradient accumulation",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.gradient_accumulation"],
    reference=reference,
    entries={STEP: [STEP]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "one step on a batch in parts",
            STEP,
            batches(),
            observer=watch_step,
            edges=[worked(2), worked(3), worked(1), several(7, 3), several(6, 2), several(2, 4)],
            examples=24,
            arguments=("inputs", "targets", "part_size", "the weight at first", "the optimizer's learning rate"),
        ),
    ],
    mistakes=MISTAKES,
)
