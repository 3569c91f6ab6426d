"""One neuron: a weighted sum, a bias, an activation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_each, call_on_whole_numbers, call_twice, name_nothing
from groundup.exercises.neuron.mistakes import MISTAKES
from groundup.exercises.strategies import numbers, vectors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's name."""
    return {"forward": step.neuron}


@st.composite
def cases(draw: st.DrawFn, activation: str) -> Case:
    """Draw inputs, weights and a bias."""
    size = draw(st.integers(1, 5))
    # Sums of a small size tell most of a sigmoid, and of what is done to numbers between 0 and 1.
    high = draw(st.sampled_from([4.0, 1.0]))
    return draw(vectors(size, -high, high)), draw(vectors(size, -1, 1)), draw(numbers(-1, 1)), activation


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of whole numbers."""
    size = draw(st.integers(1, 4))
    x, w = (draw(st.lists(st.integers(-2, 2), min_size=size, max_size=size)) for _ in range(2))
    return np.array(x), np.array(w), draw(st.integers(-2, 2)), draw(st.sampled_from(["sigmoid", "relu"]))


def answer_sums(answer: Answer, sums: Any, activation: str) -> list[Any]:
    """Let the neuron answer weighted sums, each by itself."""
    one = np.array([1.0])
    return list(name_nothing(call_each(answer, "forward", *((one, np.array([z]), 0.0, activation) for z in sums))))


def ask(look: Callable[..., Any], answer: Answer, *case: Any) -> Any:
    """Return what is seen of the neuron, and in words where it returns nothing: one of its activations may."""
    return name_nothing(look(answer, *case, entry="forward"))


def call(answer: Answer, *case: Any, entry: str) -> Any:
    """Return what the neuron answers."""
    return answer.call(entry, *case)


X, W = np.array([1.0, 2.0]), np.array([0.5, -0.5])
LONG = np.array([1.0, -2.0, 0.5]), np.array([0.3, -0.7, 0.9])
FAR = np.array([-1000.0, -720.0, -40.0, -3.5, -1.0, -0.25, 0.0, 0.5, 1.5, 7.25, 40.0, 720.0, 1000.0])
SUMS = vectors(6, -900, 900)

exercise = Exercise(
    name="neuron",
    title="A single neuron",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.neuron"],
    reference=reference,
    entries={"forward": ["forward", "neuron"]},
    rounding=5,
    checks=[
        *(
            Check(
                f"what the neuron answers with {name}",
                "forward",
                cases(activation),
                observer=partial(ask, call),
                edges=[
                    (X, W, 0.1, activation),
                    (X, -W, 0.1, activation),
                    (X, W, 0.5, activation),
                    (X, W, 0.0, activation),
                    (*LONG, 0.2, activation),
                    (np.array([2.0]), np.array([0.75]), -0.3, activation),
                ],
                examples=24,
            )
            for activation, name in (("sigmoid", "the sigmoid"), ("relu", "ReLU"))
        ),
        Check(
            "sums far from 0",
            "forward",
            st.tuples(SUMS, st.sampled_from(["sigmoid", "relu"])),
            observer=answer_sums,
            edges=[(FAR, "sigmoid"), (FAR, "relu")],
            examples=4,
            arguments=("the weighted sums", "activation"),
        ),
        Check(
            "arrays of whole numbers",
            "forward",
            whole_cases(),
            edges=[
                (np.array([1, 2]), np.array([1, -1]), 0, "sigmoid"),
                (np.array([1, 2]), np.array([1, 1]), 1, "relu"),
            ],
            observer=partial(ask, call_on_whole_numbers),
            examples=8,
            arguments=("x", "w", "b", "activation"),
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            "forward",
            cases("relu"),
            edges=[(X, -W, 0.1, "relu")],
            observer=partial(ask, call_twice),
            examples=3,
            arguments=("x", "w", "b", "activation"),
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
