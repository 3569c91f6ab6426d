"""Batch normalisation: each feature brought to mean 0 and spread 1 over the batch, with running averages."""

from __future__ import annotations

import copy
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises import calling
from groundup.exercises.batch_norm.mistakes import MISTAKES
from groundup.exercises.strategies import matrices, vectors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Case, Check, Exercise

NORM = "batch_norm"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays, which it may change, or lists."""
    import torch

    def batch_norm(
        x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, momentum: float, eps: float, training: bool
    ) -> Any:
        arrays = (np.asarray(part, dtype=float) for part in (x, gamma, beta, running_mean, running_var))
        found = step.batch_norm(*map(torch.from_numpy, arrays), momentum, eps, training)
        return tuple(part.numpy() for part in found)

    return {NORM: batch_norm}


@st.composite
def cases(draw: st.DrawFn, training: bool) -> Case:
    """Draw a batch, scale and shift, running averages, momentum and epsilon."""
    rows, features = draw(st.sampled_from([2, 3, 4, 5, 1])), draw(st.integers(1, 4))
    scale_and_shift = draw(vectors(features)), draw(vectors(features))
    running = draw(vectors(features)), draw(vectors(features, low=0.25))
    x = draw(matrices(rows, features)) * draw(st.sampled_from([1.0, 1.0, 0.01, 100.0]))
    momentum, eps = draw(st.sampled_from([0.1, 0.3, 0.9, 0.0, 1.0])), draw(st.sampled_from([1e-5, 0.1, 1e-3, 1.0]))
    return x, *scale_and_shift, *running, momentum, eps, training


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a batch of whole numbers, and all the rest of whole numbers, too."""
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    batch = st.lists(st.integers(-6, 6), min_size=rows * features, max_size=rows * features)
    row = st.lists(st.integers(1, 6), min_size=features, max_size=features)
    return (
        np.array(draw(batch)).reshape(rows, features),
        *(np.array(draw(row)) for _ in range(4)),
        draw(st.sampled_from([0.1, 0.5])),
        1e-5,
        draw(st.booleans()),
    )


def call_on_whole_numbers(answer: Answer, *case: Any) -> Any:
    """Return what is made of whole numbers, in lists where arrays are refused, as floats where whole numbers are.

    Running averages may be moved in place, which arrays of whole numbers do not let anybody do: they are floats.
    """
    case = (*case[:3], *(running.astype(float) for running in case[3:5]), *case[5:])
    try:
        return calling.call_with_arrays_or_lists(answer, *case, entry=NORM)
    except AnswerRaised:
        return calling.call_on_whole_numbers(answer, *case, entry=NORM)


def call_twice(answer: Answer, *case: Any) -> dict[str, Any]:
    """Return what two calls return with the same batch, scale and shift; running averages may be moved in place."""
    try:
        return _call_twice(answer, *case)
    except AnswerRaised:
        return _call_twice(answer, *map(calling.to_list, case))


def _call_twice(answer: Answer, *case: Any) -> dict[str, Any]:
    kept = [answer.given(calling.KEEP, argument) for argument in case[:3]]
    return {name: copy.deepcopy(answer.call(NORM, *kept, *case[3:])) for name in (calling.FIRST, calling.SECOND)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a batch of 2,000 examples with 100 features."""
    draw = np.random.default_rng(0)
    return NORM, None, (draw.normal(size=(2000, 100)), *draw.normal(size=(3, 100)), np.ones(100), 0.1, 1e-5, True)


def sizes(x: Any, *_: Any) -> dict[str, int]:
    """Return the batch's size and the number of features."""
    return {"N": x.shape[0], "d": x.shape[1]}


WORKED = np.array([[1.0, 2.0], [3.0, 4.0]])
ONE, ZERO = np.ones(2), np.zeros(2)
MIXED = np.array([[1.5, -2.0, 0.25], [4.0, 1.0, 0.5], [-3.0, 2.5, 0.75], [0.5, 7.0, -1.0]])
SCALE, SHIFT = np.array([0.5, 2.0, -1.0]), np.array([0.25, -3.0, 1.0])
RUNNING, SPREAD = np.array([0.5, -1.0, 2.0]), np.array([2.0, 0.5, 1.5])
RESULTS = ("the result", "the running mean", "the running variance")

exercise = Exercise(
    name="batch-norm",
    title="Batch normalization",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.normalisation"],
    reference=reference,
    entries={NORM: [NORM, "forward"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.BatchNorm1d", "torch.nn.functional.batch_norm"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "in training",
            NORM,
            cases(training=True),
            observer=partial(calling.call_with_arrays_or_lists, entry=NORM),
            results=RESULTS,
            edges=[
                (WORKED, ONE, ZERO, ZERO, ONE, 0.1, 1e-5, True),
                (MIXED, SCALE, SHIFT, RUNNING, SPREAD, 0.3, 0.1, True),
                (MIXED[:1], SCALE, SHIFT, RUNNING, SPREAD, 0.3, 0.1, True),
                (MIXED[:, :1], SCALE[:1], SHIFT[:1], RUNNING[:1], SPREAD[:1], 0.9, 1e-5, True),
                (np.ones((3, 2)), ONE, ZERO, ONE, ONE, 0.1, 1e-5, True),
            ],
        ),
        Check(
            "in evaluation",
            NORM,
            cases(training=False),
            observer=partial(calling.call_with_arrays_or_lists, entry=NORM),
            results=RESULTS,
            edges=[
                (WORKED, ONE, ZERO, ZERO, ONE, 0.1, 1e-5, False),
                (np.array([[1.0, 2.0]]), ONE, ZERO, ONE, ONE, 0.1, 1e-5, False),
                (MIXED, SCALE, SHIFT, RUNNING, SPREAD, 0.3, 0.1, False),
                (MIXED[:1], SCALE, SHIFT, RUNNING, SPREAD, 0.9, 1e-3, False),
            ],
        ),
        Check(
            "a batch of whole numbers",
            NORM,
            whole_cases(),
            observer=call_on_whole_numbers,
            results=RESULTS,
            edges=[(WORKED.astype(int), *(np.array([1, 1]),) * 4, 0.1, 1e-5, True)],
            examples=10,
            repeats=True,
        ),
        Check(
            "called twice with the same batch",
            NORM,
            cases(training=True) | cases(training=False),
            observer=call_twice,
            edges=[
                (MIXED, SCALE, SHIFT, RUNNING, SPREAD, 0.3, 0.1, True),
                (MIXED, SCALE, SHIFT, RUNNING, SPREAD, 0.3, 0.1, False),
            ],
            examples=4,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
