"""Diagnostics: what activations and gradients say about a network."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import FIRST, SECOND
from groundup.exercises.diagnostics.mistakes import ACTIVATIONS, DIAGNOSE, GRADIENTS, MISTAKES
from groundup.exercises.strategies import exact_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

# The gradients of an earlier step are still there, as in any training loop.
MODEL = """
import torch
from torch import nn

def make(layers):
    modules = []
    for weight, bias in layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = weight.clone(), bias.clone()
        linear.weight.grad, linear.bias.grad = torch.ones_like(weight), torch.ones_like(bias)
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {
        "compute_activation_stats": step.compute_activation_stats,
        "compute_gradient_stats": step.compute_gradient_stats,
        "diagnose": step.diagnose,
    }


def by_figure(stats: Any) -> dict[str, list[Any]]:
    """Return each figure with its values for all layers, so that a verdict can say which figure is wrong."""
    names = dict.fromkeys(name for layer in stats for name in layer)
    return {name: [layer[name] for layer in stats if name in layer] for name in names}


def look_at_activations(answer: Answer, layers: Any, x: Any) -> Any:
    """Build the model beside the answer, and return what it tells of its activations."""
    return by_figure(answer.call("compute_activation_stats", answer.given(MODEL, layers), x))


def look_at_gradients(answer: Answer, layers: Any, x: Any, y: Any) -> Any:
    """Build the model beside the answer, and return what it tells of its gradients."""
    return by_figure(answer.call("compute_gradient_stats", answer.given(MODEL, layers), x, y))


def look_twice(answer: Answer, layers: Any, x: Any, y: Any) -> Any:
    """Return what two calls of either function tell of one model."""
    model = answer.given(MODEL, layers)
    return {
        words: {
            "activations": by_figure(answer.call(ACTIVATIONS, model, x)),
            "gradients": by_figure(answer.call(GRADIENTS, model, x, y)),
        }
        for words in (FIRST, SECOND)
    }


def has_spreads(widths: list[int]) -> bool:
    """Tell whether every layer has several weights: a single number has no spread."""
    return all(inputs * outputs > 1 for inputs, outputs in itertools.pairwise(widths))


@st.composite
def activation_cases(draw: st.DrawFn) -> Case:
    """Draw layers and a batch: no single numbers, which have no spread."""
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4).filter(has_spreads))
    layers = [
        (draw(exact_tensors(nodes, inputs)), draw(exact_tensors(nodes))) for inputs, nodes in itertools.pairwise(widths)
    ]
    return layers, draw(exact_tensors(draw(st.integers(1 if min(widths[1:]) > 1 else 2, 5)), widths[0]))


@st.composite
def gradient_cases(draw: st.DrawFn) -> Case:
    """Draw layers, a batch, and what the model should answer."""
    layers, x = draw(activation_cases())
    return layers, x, draw(exact_tensors(len(x), len(layers[-1][1])))


@st.composite
def diagnose_cases(draw: st.DrawFn) -> Case:
    """Draw figures on both sides of every threshold, and on it; healthy ones often."""
    count = draw(st.sampled_from([2, 3]))
    spreads = st.sampled_from([1.0, 0.5, 2.0, 0.1, 10.0, 0.05, 20.0, 0.0999, 10.001])
    dead = st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.6, 0.5001])
    norms = st.sampled_from([1.0, 0.1, 10.0, 1000.0, 1e-5, 1e-6, 2000.0, 1000.1, 9.9e-6])
    acts = [{"mean": 0.0, "std": draw(spreads), "dead_fraction": draw(dead)} for _ in range(count)]
    return acts, [{"mean": 0.0, "std": 1.0, "norm": draw(norms)} for _ in range(count)]


def act(std: float = 1.0, dead: float = 0.0) -> dict[str, float]:
    """Return the figures of one layer's activations."""
    return {"mean": 0.0, "std": std, "dead_fraction": dead}


def slope(norm: float = 1.0) -> dict[str, float]:
    """Return the figures of one layer's gradient."""
    return {"mean": 0.0, "std": 1.0, "norm": norm}


def worked() -> tuple[Any, Any, Any]:
    """Return the example of the statement: layers, x, y."""
    import torch

    first = torch.tensor([[1.0, 0.0], [0.0, -1.0]]), torch.tensor([0.0, 0.0])
    last = torch.tensor([[1.0, 1.0], [0.0, 2.0]]), torch.tensor([0.0, 1.0])
    x, y = torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 1.0]])
    return [first, last], x, y


LAYERS, X, Y = worked()
exercise = Exercise(
    name="diagnostics",
    title="Diagnostics of training",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.diagnostics"],
    reference=reference,
    entries={ACTIVATIONS: [ACTIVATIONS], GRADIENTS: [GRADIENTS], DIAGNOSE: [DIAGNOSE]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "the figures of the activations",
            ACTIVATIONS,
            activation_cases(),
            observer=look_at_activations,
            arguments=("layers", "x"),
            edges=[(LAYERS, X), (LAYERS[:1], X)],
            examples=20,
        ),
        Check(
            "the figures of the gradients",
            GRADIENTS,
            gradient_cases(),
            observer=look_at_gradients,
            arguments=("layers", "x", "y"),
            edges=[(LAYERS, X, Y)],
            examples=20,
        ),
        Check(
            "a second call with the same model",
            GRADIENTS,
            gradient_cases(),
            observer=look_twice,
            arguments=("layers", "x", "y"),
            edges=[(LAYERS, X, Y)],
            examples=2,
            repeats=True,
        ),
        Check(
            "the diagnosis",
            DIAGNOSE,
            diagnose_cases(),
            arguments=("activation_stats", "gradient_stats"),
            examples=48,
            edges=[
                ([act(dead=1.0), act()], [slope(), slope()]),
                ([act(), act(dead=1.0)], [slope(), slope()]),
                ([act(dead=0.6), act()], [slope(), slope()]),
                ([act(), act(dead=0.6)], [slope(), slope()]),
                ([act(), act()], [slope(2000.0), slope()]),
                ([act(), act()], [slope(), slope(2000.0)]),
                ([act(), act()], [slope(), slope(1e-6)]),
                ([act(), act()], [slope(1e-6), slope()]),
                ([act(20.0, 0.1), act(0.05, 0.1)], [slope(), slope()]),
                ([act(0.05, 0.1), act(20.0, 0.1)], [slope(), slope()]),
                ([act(20.0, 0.1), act()], [slope(), slope()]),
                ([act(), act(20.0, 0.1)], [slope(), slope()]),
                ([act(0.05, 0.1), act()], [slope(), slope()]),
                ([act(), act(0.05, 0.1)], [slope(), slope()]),
                ([act(dead=0.9), act(dead=0.8)], [slope(), slope()]),
                ([act(dead=1.0), act(dead=0.2)], [slope(), slope()]),
                ([act(dead=0.2), act(dead=1.0)], [slope(), slope()]),
                ([act(), act()], [slope(2000.0), slope(3000.0)]),
                ([act(), act()], [slope(1e-6), slope(1e-6)]),
                ([act(dead=0.6)], [slope(2000.0)]),
                ([act()], [slope()]),
                ([act(20.0, 0.1)], [slope()]),
                ([act(dead=0.6), act(), act()], [slope(), slope(), slope()]),
                ([act(0.1, 0.5), act(10.0, 0.5)], [slope(1000.0), slope(1e-5)]),
                ([act(0.05, 0.1), act()], [slope(2000.0), slope(1e-6)]),
                ([act(0.05, 0.1), act()], [slope(2000.0), slope()]),
                ([act(20.0, 0.1), act()], [slope(), slope(1e-6)]),
                ([act(dead=0.6), act()], [slope(), slope(1e-6)]),
                ([act(0.05, 0.6), act()], [slope(), slope()]),
            ],
        ),
    ],
    mistakes=MISTAKES,
)
