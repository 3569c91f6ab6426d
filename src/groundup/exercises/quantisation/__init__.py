"""Quantisation: weights as int8 with one scale per row, and the linear layer that uses them."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.quantisation.mistakes import DEQUANTISE, LINEAR, MISTAKES, QUANTISE
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {QUANTISE: step.quantise, DEQUANTISE: step.dequantise, LINEAR: step.quantised_linear}


# Of the largest weight in a row: sizes of every kind, so that nothing fixed beside them passes unseen.
SCALES = [1.0, 0.02, 0.0137, 1e-6, 1e-12, 3e4]


def draw_weight(seed: int, nodes: int, features: int) -> Any:
    """Return weights no quotient of which is close to a half, where rounding may go either way; some rows are 0."""
    import torch

    drawn = random.Random(seed)
    rows = []
    for _ in range(nodes):
        scale = drawn.choice(SCALES) * drawn.uniform(0.5, 1.0)
        row = [(drawn.randint(-126, 126) + drawn.uniform(-0.4, 0.4)) * scale for _ in range(features)]
        row[drawn.randrange(features)] = drawn.choice([-127, 127]) * scale
        rows.append([0.0] * features if drawn.random() < 0.1 else row)
    return torch.tensor(rows)


def draw_quantised(seed: int, nodes: int, features: int) -> tuple[Any, Any]:
    """Return whole numbers and scales."""
    import torch

    draw = torch.Generator().manual_seed(seed)
    numbers = torch.randint(-127, 128, (nodes, features), generator=draw, dtype=torch.int8)
    return numbers, torch.rand(nodes, generator=draw) + 0.1


@st.composite
def weights(draw: st.DrawFn) -> Case:
    """Draw a matrix of one to five nodes and features."""
    return (draw_weight(draw(SEEDS), draw(st.integers(1, 5)), draw(st.integers(1, 5))),)


@st.composite
def quantised(draw: st.DrawFn) -> Case:
    """Draw whole numbers and scales; half of the matrices are square, where scales fit along the columns, too."""
    nodes = draw(st.integers(1, 4))
    return draw_quantised(draw(SEEDS), nodes, draw(st.sampled_from([nodes, 1, 2, 3])))


@st.composite
def layers(draw: st.DrawFn) -> Case:
    """Draw an input and a layer; half of the layers are square."""
    import torch

    numbers, scales = draw(quantised())
    generator = torch.Generator().manual_seed(draw(SEEDS))
    x = torch.randn(draw(st.integers(1, 4)), numbers.shape[1], generator=generator)
    return x, numbers, scales, torch.randn(len(numbers), generator=generator) * 100


def look_at_parts(answer: Answer, weight: Any) -> Any:
    """Return the parts of what is returned by their names, with the type of the whole numbers."""
    found = answer.call(QUANTISE, weight)
    if not isinstance(found, list | tuple) or len(found) != 2:
        return found
    kind = str(getattr(found[0], "dtype", type(found[0]).__name__)).removeprefix("torch.")
    return {"numbers": found[0], "type of the numbers": kind, "scales": found[1]}


def sizes(*case: Any) -> dict[str, int]:
    """Return nodes and features."""
    matrix = case[1] if len(case) == 4 else case[0]
    return {"nodes": matrix.shape[0], "features": matrix.shape[1]}


def worked() -> dict[str, Case]:
    """Return the statement's case for each function."""
    import torch

    numbers, scales = torch.tensor([[127, -50, 0]], dtype=torch.int8), torch.tensor([0.02])
    return {
        QUANTISE: (torch.tensor([[2.54, -1.0, 0.005]]),),
        DEQUANTISE: (numbers, scales),
        LINEAR: (torch.tensor([[1.0, 2.0, 3.0]]), numbers, scales, torch.tensor([0.5])),
    }


def edge_weights() -> list[Case]:
    """Return matrices of special forms: a zero row, a largest weight below 0, a single weight, a square one."""
    import torch

    return [
        (torch.tensor([[0.0, 0.0], [1.0, -2.0]]),),
        (torch.tensor([[-1.27, 0.5, 0.3]]),),
        (torch.tensor([[3.0]]),),
        (torch.tensor([[1.0, 0.25, -0.65], [100.0, -30.0, 20.7], [0.01, 0.0031, -0.0085]]),),
    ]


def square_layers() -> list[Case]:
    """Return layers with as many features as nodes, for one example and for several."""
    import torch

    draw = torch.Generator().manual_seed(1)
    return [
        (torch.randn(rows, 3, generator=draw), *draw_quantised(rows, 3, 3), torch.randn(3, generator=draw) * 100)
        for rows in (1, 3, 2)
    ]


def benchmark_case() -> tuple[str, None, Case]:
    """Return a matrix of 1,000 × 1,000."""
    import torch

    return QUANTISE, None, (torch.randn(1000, 1000, generator=torch.Generator().manual_seed(0)),)


ARGUMENTS = ("x", "numbers", "scales", "bias")
NO_GRADIENT = (
    "No gradient reaches x through your layer. That is accepted, since a quantised model only writes. If a layer before it "
    "is to learn, as with LoRA, do without item(), no_grad(), detach() and numpy()."
)

exercise = Exercise(
    name="quantisation",
    title="Quantization to 8 bits",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.quantisation"],
    reference=reference,
    entries={
        QUANTISE: [QUANTISE, "quantize"],
        DEQUANTISE: [DEQUANTISE, "dequantize"],
        LINEAR: [LINEAR, "quantized_linear"],
    },
    tolerance=1e-4,
    forbidden=["torch.quantize_per_channel", "torch.quantize_per_tensor", "torch.ao.quantization"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "whole numbers and scales",
            QUANTISE,
            weights(),
            edges=[worked()[QUANTISE], *edge_weights()],
            observer=look_at_parts,
            absolute=1e-30,
        ),
        Check(
            "quantised twice",
            QUANTISE,
            weights(),
            edges=[worked()[QUANTISE]],
            observer=partial(call_twice, entry=QUANTISE),
            absolute=1e-30,
            examples=3,
        ),
        Check("the weights that they stand for", DEQUANTISE, quantised(), edges=[worked()[DEQUANTISE]], examples=20),
        Check("the layer", LINEAR, layers(), edges=[worked()[LINEAR], *square_layers()], arguments=ARGUMENTS),
        GradientCheck(
            "the gradient through the layer",
            LINEAR,
            layers(),
            edges=[worked()[LINEAR]],
            examples=4,
            along=((0, "x"),),
            arguments=ARGUMENTS,
            beyond=NO_GRADIENT,
        ),
    ],
    mistakes=MISTAKES,
)
