"""A network from scratch, forward."""

from __future__ import annotations

import itertools
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice
from groundup.exercises.network_forward.mistakes import FORWARD, MISTAKES
from groundup.exercises.strategies import SEEDS, matrices, vectors
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"forward": step.forward}


WIDTHS = st.lists(st.integers(1, 4), min_size=2, max_size=5)
# All of one width: there a transposed matrix fits, and the width does not tell which layer is the last.
EQUAL_WIDTHS = st.tuples(st.integers(1, 4), st.integers(2, 5)).map(lambda drawn: [drawn[0]] * drawn[1])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an input and up to four layers."""
    widths = draw(WIDTHS | EQUAL_WIDTHS)
    layers = list(itertools.pairwise(widths))
    weights = [draw(matrices(inputs, outputs, -2, 2)) for inputs, outputs in layers]
    biases = [draw(vectors(outputs, -2, 2)) for _, outputs in layers]
    return draw(vectors(widths[0], -2, 2)), weights, biases


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a network of whole numbers."""
    widths, draws = draw(WIDTHS), np.random.default_rng(draw(SEEDS))
    layers = list(itertools.pairwise(widths))
    weights = [draws.integers(-2, 3, layer) for layer in layers]
    return draws.integers(-2, 3, widths[0]), weights, [draws.integers(-2, 3, nodes) for _, nodes in layers]


def sizes(x: Any, weights: Any, biases: Any) -> dict[str, int]:
    """Return the number of layers."""
    return {"L": len(weights)}


A, B = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1.0], [1.0]])
WORKED = np.array([1.0, -2.0]), [A, B], [np.array([0.5, 0.5]), np.array([-1.0])]
ARGUMENTS = ("x", "weights", "biases")

exercise = Exercise(
    name="network-forward",
    title="A network from scratch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.backpropagation"],
    reference=reference,
    entries={FORWARD: [FORWARD]},
    rounding=5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Check(
            "networks of any depth",
            FORWARD,
            cases(),
            edges=[
                WORKED,
                (np.array([1.0]), [np.array([[-2.0]])], [np.array([0.5])]),
            ],
        ),
        Check(
            "arrays of whole numbers",
            FORWARD,
            whole_cases(),
            observer=partial(call_on_whole_numbers, entry=FORWARD),
            arguments=ARGUMENTS,
            examples=8,
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            FORWARD,
            cases(),
            edges=[WORKED],
            observer=partial(call_twice, entry=FORWARD),
            arguments=ARGUMENTS,
            examples=4,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
