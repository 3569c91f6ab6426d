"""Attention by hand: scores of queries and keys, their softmax, and the average of the values."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.attention_mistakes import ATTENTION
from groundup.exercises.attention_scores.mistakes import MISTAKES
from groundup.exercises.calling import call_twice
from groundup.exercises.strategies import matrices
from groundup.judge.exercise import Case, Check, Exercise

WEIGHTS, ATTEND = "attention_weights", "attend"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays, which it may change.

    Every query becomes a text of its own: the last query of a text sees all keys, and here each is the last.
    """
    import torch

    def separate(queries: Any, *others: Any) -> list[Any]:
        first, *rest = (torch.from_numpy(np.asarray(part, dtype=float)) for part in (queries, *others))
        return [first[:, None], *(part.expand(len(first), *part.shape) for part in rest)]

    def join(found: Any) -> Any:
        return (found[:, 0] if found.ndim == 3 else found).numpy()

    def attention_weights(queries: Any, keys: Any) -> Any:
        return join(step.attention_weights(*separate(queries, keys)))

    def attend(queries: Any, keys: Any, values: Any) -> Any:
        return join(step.causal_attention(*separate(queries, keys, values)))

    return {WEIGHTS: attention_weights, ATTEND: attend}


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    """Draw queries and keys; often as many of both."""
    queries, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    keys = draw(st.sampled_from([queries, queries, 1, 2, 3, 5]))
    size = draw(st.sampled_from([1.0, 1.0, 0.01, 30.0]))
    return draw(matrices(queries, width)) * size, draw(matrices(keys, width))


@st.composite
def triples(draw: st.DrawFn) -> Case:
    """Draw queries, keys and values."""
    queries, keys = draw(pairs())
    return queries, keys, draw(matrices(len(keys), draw(st.sampled_from([queries.shape[1], 1, 2, 3]))))


def make(*shape: int, seed: int = 0, size: float = 1.0) -> Any:
    """Return random numbers of a shape."""
    return size * np.random.default_rng(seed).normal(size=shape)


def sizes(queries: Any, keys: Any, *_: Any) -> dict[str, int]:
    """Return the numbers of queries and keys, and their width."""
    return {"T": len(queries), "S": len(keys), "d": queries.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 500 queries and keys of 64 channels."""
    return ATTEND, None, (make(500, 64), make(500, 64, seed=1), make(500, 64, seed=2))


WORKED = np.array([[1.0, 0.0, 1.0, 0.0]]), np.array([[2.0, 1.0, 0.0, 3.0], [0.0, 1.0, 0.0, 2.0]])
# One row of scores is far above the other, and both are too large for exp.
LARGE = np.array([[900.0, 0.0], [0.5, 0.25]]), np.array([[2.0, 1.0], [1.5, -1.0]])
# Scores of one row that lie far apart: their largest is far above their mean, too.
FAR_APART = np.array([[900.0, 0.0], [0.5, 0.25]]), np.array([[2.0, 1.0], [-1.5, -1.0]])

exercise = Exercise(
    name="attention-scores",
    title="Attention by hand: scores, weights, average",
    folder=Path(__file__).parent,
    modules=[ATTENTION],
    reference=reference,
    entries={WEIGHTS: [WEIGHTS], ATTEND: [ATTEND, "attention"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the weights",
            WEIGHTS,
            pairs(),
            edges=[
                WORKED,
                (make(3, 4), make(3, 4, seed=1)),
                (make(2, 3, seed=2), make(4, 3, seed=3)),
                (make(4, 2, seed=4), make(4, 2, seed=5)),
                (np.array([[2.0]]), np.array([[3.0]])),
                LARGE,
                FAR_APART,
            ],
        ),
        Check(
            "the average of the values",
            ATTEND,
            triples(),
            edges=[
                (*WORKED, np.array([[10.0, 0.0], [0.0, 10.0]])),
                (make(3, 4), make(3, 4, seed=1), make(3, 2, seed=2)),
                (make(3, 3, seed=3), make(3, 3, seed=4), make(3, 3, seed=5)),
                (make(2, 3, seed=6), make(4, 3, seed=7), make(4, 3, seed=8)),
                (*LARGE, np.array([[1.0, 2.0], [3.0, 5.0]])),
                (*FAR_APART, np.array([[1.0, 2.0], [3.0, 5.0]])),
            ],
        ),
        Check(
            "a second call with the same arrays",
            ATTEND,
            triples(),
            edges=[(make(3, 3, seed=3), make(3, 3, seed=4), make(3, 3, seed=5))],
            observer=partial(call_twice, entry=ATTEND),
            arguments=("queries", "keys", "values"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
