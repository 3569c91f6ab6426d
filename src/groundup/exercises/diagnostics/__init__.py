"""Diagnostics: what activations and gradients say about a network."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import exact_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

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


@st.composite
def activation_cases(draw: st.DrawFn) -> Case:
    """Draw layers and a batch: no single numbers, which have no spread."""
    widths = draw(st.lists(st.integers(2, 4), min_size=2, max_size=4))
    layers = [
        (draw(exact_tensors(nodes, inputs)), draw(exact_tensors(nodes))) for inputs, nodes in itertools.pairwise(widths)
    ]
    return layers, draw(exact_tensors(draw(st.integers(2, 5)), widths[0]))


@st.composite
def gradient_cases(draw: st.DrawFn) -> Case:
    """Draw layers, a batch, and what the model should answer."""
    layers, x = draw(activation_cases())
    return layers, x, draw(exact_tensors(len(x), len(layers[-1][1])))


@st.composite
def diagnose_cases(draw: st.DrawFn) -> Case:
    """Draw figures on both sides of every threshold, and on it; healthy ones often."""
    count = draw(st.integers(1, 3))
    spreads = st.sampled_from([1.0, 0.5, 2.0, 0.1, 10.0, 0.05, 20.0])
    dead = st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.6])
    norms = st.sampled_from([1.0, 0.1, 10.0, 1000.0, 1e-5, 1e-6, 2000.0])
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
ACTIVATIONS, GRADIENTS, DIAGNOSE, OFF = (
    "compute_activation_stats",
    "compute_gradient_stats",
    "diagnose",
    "_off_for_all",
)
WATCHED = "in _watch(model, x, (nn.Linear, Linear))"
ANY_DEAD = 'any(layer["dead_fraction"] > 0.5 for layer in activation_stats)'
LAST_NORM = 'gradient_stats and gradient_stats[-1]["norm"] < 1e-5'

exercise = Exercise(
    name="diagnostics",
    title="Diagnostics of training",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.diagnostics"],
    reference=reference,
    entries={ACTIVATIONS: [ACTIVATIONS], GRADIENTS: [GRADIENTS], DIAGNOSE: [DIAGNOSE]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    after=["initialisation"],
    checks=[
        Check(
            "the figures of the activations",
            ACTIVATIONS,
            activation_cases(),
            observe=look_at_activations,
            arguments=("layers", "x"),
            edges=[(LAYERS, X), (LAYERS[:1], X)],
            examples=20,
        ),
        Check(
            "the figures of the gradients",
            GRADIENTS,
            gradient_cases(),
            observe=look_at_gradients,
            arguments=("layers", "x", "y"),
            edges=[(LAYERS, X, Y)],
            examples=20,
        ),
        Check(
            "the diagnosis",
            DIAGNOSE,
            diagnose_cases(),
            arguments=("activation_stats", "gradient_stats"),
            edges=[
                ([act(dead=0.6), act()], [slope(), slope()]),
                ([act(), act(dead=0.6)], [slope(), slope()]),
                ([act(), act()], [slope(2000.0), slope()]),
                ([act(), act()], [slope(), slope(1e-6)]),
                ([act(), act()], [slope(1e-6), slope()]),
                ([act(0.05), act(20.0)], [slope(), slope()]),
                ([act(20.0), act(0.05)], [slope(), slope()]),
                ([act(dead=0.6)], [slope(2000.0)]),
                ([act(dead=0.6), act(), act()], [slope(), slope(), slope()]),
                ([act(0.1, 0.5), act(10.0, 0.5)], [slope(1000.0), slope(1e-5)]),
                ([act(0.05), act()], [slope(2000.0), slope(1e-6)]),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "measured behind the ReLU",
            "You take each layer's output after a ReLU. What is asked for is what leaves the linear layer, negative values and all; "
            "the last layer has no ReLU at all.",
            [Edit(WATCHED, "in map(torch.relu, _watch(model, x, (nn.Linear, Linear)))", ACTIVATIONS)],
        ),
        Mistake(
            "the last layer left out",
            "You leave the last linear layer out: every one has its figures.",
            [Edit(WATCHED, WATCHED + "[:-1]", ACTIVATIONS)],
        ),
        Mistake(
            "dead as soon as one example is off",
            "You count a node as dead if it is ≤ 0 for any example. A node may rest for one and work for another: dead means ≤ 0 "
            "for every example of the batch.",
            [Edit(".all(dim=0)", ".any(dim=0)", OFF)],
        ),
        Mistake(
            "values counted instead of nodes",
            "Your dead fraction is the share of all values that are ≤ 0. Count nodes: first ask of each node (column) whether all "
            "its examples are ≤ 0, then take the share of the nodes.",
            [Edit(".all(dim=0)", "", OFF)],
        ),
        Mistake(
            "examples counted instead of nodes",
            "You ask of each example whether all its nodes are off. It is the other way round: of each node (column), whether it is "
            "off for all examples (rows).",
            [Edit("all(dim=0)", "all(dim=1)", OFF)],
        ),
        Mistake(
            "a node at 0 counted as alive",
            "You look for values below 0. A node that puts out exactly 0 for every example has no slope through ReLU, either: ≤ 0.",
            [Edit("output <= 0", "output < 0", OFF)],
        ),
        Mistake(
            "no dead nodes in the last layer",
            "Your instinct is right: no ReLU follows the last layer, so a node that is always negative there is not dead. But the figures "
            "asked for here count it as dead in every layer, the last one too.",
            [
                Edit("return [", "watched = _watch(model, x, (nn.Linear, Linear))\n    return [", ACTIVATIONS),
                Edit("_mean(_off_for_all(a))", "(0.0 if a is watched[-1] else _mean(_off_for_all(a)))", ACTIVATIONS),
                Edit(WATCHED, "in watched", ACTIVATIONS),
            ],
        ),
        Mistake(
            "spread divided by N",
            "Your standard deviation divides the squares by N. The convention here is that of torch.std: N − 1. NumPy's std needs ddof=1.",
            [Edit("numbers.std()", "numbers.std(correction=0)", "_spread")],
        ),
        Mistake(
            "length without the root",
            "Your norm is the sum of the gradient's squares. Its length is the root of that.",
            [Edit("g.norm()", "g.square().sum()", GRADIENTS)],
        ),
        Mistake(
            "root of the mean square",
            "Your norm takes the mean of the squares. The length of a gradient is the root of their sum.",
            [Edit("g.norm()", "g.square().mean().sqrt()", GRADIENTS)],
        ),
        Mistake(
            "sum of sizes instead of length",
            "Your norm adds up absolute values. The length is the root of the sum of squares.",
            [Edit("g.norm()", "g.abs().sum()", GRADIENTS)],
        ),
        Mistake(
            "squared errors summed",
            "You differentiate the sum of the squared errors. The loss is their mean, over examples and outputs: its gradients are "
            "smaller by that number.",
            [Edit("mse_loss(model(x), y)", 'mse_loss(model(x), y, reduction="sum")', GRADIENTS)],
        ),
        Mistake(
            "gradients not zeroed",
            "The model still held gradients of an earlier step, and backward adds to what is there. Set them to zero before you call it.",
            [Edit("in gradients]", "in [g + w.grad for g, w in zip(gradients, weights, strict=True)]]", GRADIENTS)],
        ),
        Mistake(
            "biases counted as layers",
            "You return figures for the biases, too. One dictionary a linear layer is asked for, of its weight's gradient alone.",
            [
                Edit(
                    "[layer.weight for layer in model.modules() if isinstance(layer, nn.Linear | Linear)]",
                    "list(model.parameters())",
                    GRADIENTS,
                )
            ],
        ),
        Mistake(
            "target and prediction not compared",
            "Your loss leaves y out: what you differentiate is the mean square of the model's outputs.",
            [Edit("model(x), y)", "model(x), torch.zeros_like(y))", GRADIENTS)],
        ),
        Mistake(
            "half dead is too much already",
            "Exactly half of a layer dead is not above 0.5 yet.",
            [Edit('["dead_fraction"] > 0.5', '["dead_fraction"] >= 0.5', DIAGNOSE)],
        ),
        Mistake(
            "dead fractions averaged over layers",
            "You compare the mean over all layers with 0.5. One layer that is dead blocks the signal whatever the others do: look for "
            "any above 0.5.",
            [
                Edit(
                    ANY_DEAD,
                    'sum(layer["dead_fraction"] for layer in activation_stats) > 0.5 * len(activation_stats)',
                    DIAGNOSE,
                )
            ],
        ),
        Mistake(
            "the last layer not counted among the dead",
            "Your instinct is right: no ReLU follows the last layer, so a node that is always negative there is not dead. But the rule asked "
            "for here counts every layer, the last one too.",
            [Edit(ANY_DEAD, ANY_DEAD.replace("activation_stats", "activation_stats[:-1]"), DIAGNOSE)],
        ),
        Mistake(
            "exploding gradients before dead neurons",
            "Where neurons are dead and gradients explode, you name the gradients. Dead neurons come first.",
            [Edit(ANY_DEAD, ANY_DEAD + ' and not any(layer["norm"] > 1000 for layer in gradient_stats)', DIAGNOSE)],
        ),
        Mistake(
            "exploding looked for in the last layer only",
            "You look at the last layer's norm alone for exploding gradients: any layer's above 1000 counts.",
            [
                Edit(
                    '["norm"] > 1000 for layer in gradient_stats)',
                    '["norm"] > 1000 for layer in gradient_stats[-1:])',
                    DIAGNOSE,
                )
            ],
        ),
        Mistake(
            "vanishing looked for in every layer",
            "Your instinct is right: gradients vanish in the first layers. But the rule asked for here looks at the last layer's norm, and you "
            "say vanishing if any layer's norm is below 1e-5.",
            [Edit(LAST_NORM, 'any(layer["norm"] < 1e-5 for layer in gradient_stats)', DIAGNOSE)],
        ),
        Mistake(
            "vanishing looked for in the first layer",
            "Your instinct is right: gradients vanish in the first layers. But the rule asked for here looks at the last layer's norm, and you "
            "look at the first one's.",
            [Edit("gradient_stats[-1]", "gradient_stats[0]", DIAGNOSE)],
        ),
        Mistake(
            "small spread not noticed",
            "A layer whose activations have a spread below 0.1 passes as healthy: that is vanishing.",
            [Edit('layer["std"] < 0.1', 'layer["std"] < 0', DIAGNOSE)],
        ),
        Mistake(
            "large spread not noticed",
            "A layer whose activations have a spread above 10 passes as healthy: that is exploding.",
            [Edit('layer["std"] > 10', 'layer["std"] > float("inf")', DIAGNOSE)],
        ),
    ],
)
