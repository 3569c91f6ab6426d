"""Dead ReLUs: find them, and say what to do."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import FIRST, SECOND
from groundup.exercises.dead_relu.mistakes import DETECT, MISTAKES, SUGGEST
from groundup.exercises.strategies import exact_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

MODEL = """
from torch import nn

def make(layers):
    modules = []
    for weight, bias in layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = weight.clone(), bias.clone()
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"detect_dead_neurons": step.detect_dead_neurons, "suggest_fix": step.suggest_fix}


def look_at_model(answer: Answer, layers: Any, x: Any) -> Any:
    """Build the model beside the answer, and return the fractions it finds."""
    return answer.call("detect_dead_neurons", answer.given(MODEL, layers), x)


def look_twice(answer: Answer, layers: Any, x: Any) -> Any:
    """Return the fractions that two calls find in one model."""
    model = answer.given(MODEL, layers)
    return {FIRST: answer.call(DETECT, model, x), SECOND: answer.call(DETECT, model, x)}


# Powers of 2, by which sums stay exact: what is small is not dead.
SCALES = st.sampled_from([1.0, 1.0, 2.0**-6, 2.0**-10])


@st.composite
def models(draw: st.DrawFn) -> Case:
    """Draw layers, a ReLU behind all but the last, and a batch; biases are low, so that nodes die."""
    widths, scale = draw(st.lists(st.integers(1, 4), min_size=3, max_size=5)), draw(SCALES)
    layers = [
        (draw(exact_tensors(nodes, inputs)), scale * draw(exact_tensors(nodes, low=-3, high=1)))
        for inputs, nodes in itertools.pairwise(widths)
    ]
    return layers, scale * draw(exact_tensors(draw(st.integers(1, 4)), widths[0]))


FRACTION = st.sampled_from([0.0, 0.05, 0.1, 0.1001, 0.2, 0.3, 0.3001, 0.4, 0.5, 0.5001, 0.6, 1.0])
SOME = st.lists(FRACTION, min_size=2, max_size=4)
FRACTIONS = (
    SOME | SOME.map(sorted) | st.lists(FRACTION.filter(lambda one: one <= 0.3), min_size=2, max_size=4).map(sorted)
)


def worked() -> Case:
    """Return the example of the statement: layers and x."""
    import torch

    first = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]), torch.tensor([0.0, 0.0, 0.0, -2.0])
    last = torch.tensor([[1.0, 1.0, 1.0, 1.0]]), torch.tensor([-9.0])
    return [first, last], torch.tensor([[1.0, 2.0], [2.0, 0.0]])


def seldom_alive() -> Case:
    """Return the example of the statement with a batch of twelve, in which one node is alive for a single example."""
    layers, x = worked()
    return layers, x[[1] * 11 + [0]]


def square() -> Case:
    """Return layers that all have two nodes, so that each could read the batch itself, and a batch of three."""
    import torch

    weights = [[1.0, 2.0], [-1.0, 1.0]], [[1.0, -3.0], [1.0, 1.0]], [[2.0, 1.0], [1.0, 1.0]]
    biases = [-1.0, -2.0], [0.0, -3.0], [0.0, 1.0]
    layers = [(torch.tensor(weight), torch.tensor(bias)) for weight, bias in zip(weights, biases, strict=True)]
    return layers, torch.tensor([[1.0, -2.0], [-1.0, 0.5], [2.0, -1.0]])


def negative() -> Case:
    """Return layers of two nodes and a batch in which a feature is negative for every example."""
    layers, x = square()
    return layers, x - 2.0


def scaled(case: Case, scale: float) -> Case:
    """Return a case whose every output is so many times as large."""
    layers, x = case
    return [(weight, scale * bias) for weight, bias in layers], scale * x


exercise = Exercise(
    name="dead-relu",
    title="Dead ReLUs",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.diagnostics"],
    reference=reference,
    entries={DETECT: [DETECT], SUGGEST: [SUGGEST]},
    rounding=4,
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "the fraction of dead nodes behind each ReLU",
            DETECT,
            models(),
            observer=look_at_model,
            arguments=("layers", "x"),
            edges=[worked(), scaled(worked(), 2.0**-7), seldom_alive(), square(), negative()],
        ),
        Check(
            "a second call with the same model",
            DETECT,
            models(),
            observer=look_twice,
            arguments=("layers", "x"),
            edges=[worked()],
            examples=3,
            repeats=True,
        ),
        Check(
            "the fix",
            SUGGEST,
            st.tuples(FRACTIONS),
            edges=[
                ([0.1, 0.6],),
                ([0.4, 0.1],),
                ([0.05, 0.1, 0.2],),
                ([0.0, 0.2],),
                ([0.0, 0.0],),
                ([0.6],),
                ([0.5],),
                ([0.3, 0.1],),
                ([0.0, 0.1],),
                ([0.1, 0.1, 0.2],),
                ([0.1, 0.4],),
                ([0.3, 0.2],),
                ([0.05, 0.2, 0.15],),
                ([0.2, 0.1, 0.3],),
                ([0.3, 0.1, 0.2],),
                ([0.4, 0.5],),
                ([0.6, 0.1],),
                ([0.6, 0.05],),
                ([0.4, 0.05],),
                ([0.4, 0.45],),
                ([0.51, 0.55],),
                ([0.05, 0.08],),
                ([0.08, 0.05],),
                ([0.2, 0.25, 0.28],),
                ([0.55, 0.1],),
                ([0.2, 0.9],),
                ([0.15, 0.2, 0.12],),
            ],
            examples=40,
        ),
        Check(
            "a single layer",
            SUGGEST,
            st.tuples(st.lists(FRACTION.filter(lambda one: one <= 0.3), min_size=1, max_size=1)),
            edges=[([0.2],), ([0.05],)],
            examples=3,
            beyond="With a single layer above 0.1 it does not say reduce_learning_rate, or fails. That is accepted, since the course does not say "
            "what is right there; here a single layer passes for growing, since there is none before it.",
        ),
        Check(
            "no layers at all",
            SUGGEST,
            st.just(([],)),
            edges=[([],)],
            examples=1,
            beyond=(
                "It fails on an empty list. That is accepted, since the course does not try that. An empty "
                'list should give "healthy": test for it first.'
            ),
        ),
    ],
    mistakes=MISTAKES,
)
