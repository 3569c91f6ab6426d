"""A linear layer: every node's weighted sum plus its bias."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.linear.mistakes import LINEAR, MISTAKES
from groundup.exercises.strategies import random_tensors, tensors
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"linear": step.linear}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw x with none to two leading dimensions, a weight and a bias."""
    features, nodes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    leading = draw(st.lists(st.integers(1, 3), max_size=2))
    return draw(tensors(*leading, features)), draw(tensors(nodes, features)), draw(tensors(nodes))


@st.composite
def square_cases(draw: st.DrawFn) -> Case:
    """Draw a layer with as many nodes as features: a transposed weight fits there, too."""
    size, rows = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    return draw(random_tensors(rows, size)), draw(random_tensors(size, size)), draw(random_tensors(size))


def sizes(x: Any, weight: Any, bias: Any) -> dict[str, int]:
    """Return features and nodes."""
    return {"features": weight.shape[1], "nodes": weight.shape[0]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 2,000 rows through a layer of 256 × 256."""
    import torch

    draw = torch.Generator().manual_seed(0)
    shapes = [(2000, 256), (256, 256), (256,)]
    return "linear", None, tuple(torch.randn(shape, generator=draw) for shape in shapes)


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0.5, 0.0])


def tables() -> list[Case]:
    """Return layers whose x is a table, with as many examples as nodes or features, or with one alone."""
    import torch

    draw = torch.Generator().manual_seed(0)
    shapes = [(3, 2, 3), (2, 2, 3), (1, 3, 2)]
    return [
        tuple(torch.randn(shape, generator=draw) for shape in ((rows, features), (nodes, features), (nodes,)))
        for rows, features, nodes in shapes
    ]


ARGUMENTS = ("x", "weight", "bias")
# Products of float32 whose sum is 0 need not cancel exactly in another order.
CANCELLED = 1e-6

exercise = Exercise(
    name="linear",
    title="A linear layer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.linear"],
    reference=reference,
    entries={"linear": ["linear"]},
    tolerance=1e-4,
    forbidden=["torch.nn.functional.linear", "torch.nn.Linear"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check("layers of any sizes", LINEAR, cases(), edges=[worked(), *tables()], absolute=CANCELLED),
        Check("square layers", LINEAR, square_cases(), examples=15),
        GradientCheck(
            "gradients through the layer",
            LINEAR,
            cases(),
            edges=[worked()],
            examples=8,
            along=((0, "x"), (1, "weight"), (2, "bias")),
            arguments=ARGUMENTS,
        ),
        Check(
            "a second call with the same tensors",
            LINEAR,
            square_cases(),
            edges=[worked()],
            observer=partial(call_twice, entry=LINEAR),
            arguments=ARGUMENTS,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
