"""A linear layer: every node's weighted sum plus its bias."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import random_tensors, tensors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


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


def large() -> tuple[str, None, Case]:
    """Return 2,000 rows through a layer of 256 × 256."""
    import torch

    draw = torch.Generator().manual_seed(0)
    shapes = [(2000, 256), (256, 256), (256,)]
    return "linear", None, tuple(torch.randn(shape, generator=draw) for shape in shapes)


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0.5, 0.0])


FORMULA = "x @ weight.T + bias"

exercise = Exercise(
    name="linear",
    title="A linear layer",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.linear"],
    reference=reference,
    entries={"linear": ["linear"]},
    tolerance=1e-4,
    forbidden=["torch.nn.functional.linear", "torch.nn.Linear"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="linear",
    checks=[
        Check("layers of any sizes", "linear", cases(), edges=[worked()]),
        Check("square layers", "linear", square_cases(), examples=15),
    ],
    mistakes=[
        Mistake(
            "weight not transposed",
            "You multiply by the weight as it lies. Its rows are the nodes ({nodes}), its columns the features "
            "({features}): to bring features against features, transpose it.",
            [Edit("weight.T", "weight", "linear")],
        ),
        Mistake(
            "bias left out",
            "The bias is missing: every node adds a number of its own to its sum.",
            [Edit(" + bias", "", "linear")],
        ),
        Mistake(
            "bias subtracted",
            "You subtract the bias. A node adds it.",
            [Edit("+ bias", "- bias", "linear")],
        ),
        Mistake(
            "averaged over the features",
            "Your sums are divided by the number of features ({features}): a node adds the products up.",
            [Edit("x @ weight.T", "x @ weight.T / weight.shape[1]", "linear")],
        ),
        Mistake(
            "bias weighted, too",
            "You add the bias to the inputs before they are weighted. It stands outside the sum.",
            [Edit(FORMULA, "(x + bias[:1]) @ weight.T", "linear")],
        ),
        Mistake(
            "one bias for all nodes",
            "Every node gets the first node's bias: there is one for each of the {nodes} nodes.",
            [Edit("+ bias", "+ bias[0]", "linear")],
        ),
        Mistake(
            "last feature left out",
            "The last of the {features} features takes no part in the sums.",
            [Edit("x @ weight.T", "x[..., :-1] @ weight[:, :-1].T", "linear")],
        ),
        Mistake(
            "an activation inside",
            "You cut negative results off. That is the activation's work, in a layer of its own.",
            [Edit("return x @ weight.T + bias", "return (x @ weight.T + bias).clamp(min=0)", "linear")],
        ),
    ],
)
