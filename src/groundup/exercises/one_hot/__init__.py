"""One-hot vectors, and the look-up as a matrix product."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.one_hot.mistakes import HOT, LOOK, MISTAKES
from groundup.exercises.strategies import matrices
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays; its one-hot vectors are those of a batch of texts."""
    import torch

    def as_ids(ids: Any) -> Any:
        return torch.from_numpy(np.asarray(ids, dtype=np.int64))

    def one_hot(ids: Any, vocab_size: int) -> Any:
        return step.one_hot(as_ids(ids)[None], vocab_size)[0].numpy()

    def look_up(ids: Any, table: Any) -> Any:
        return step.look_up(torch.from_numpy(np.asarray(table, dtype=float)), as_ids(ids)).numpy()

    return {HOT: one_hot, LOOK: look_up}


@st.composite
def texts(draw: st.DrawFn) -> Case:
    """Draw ids, some of them equal, and the size of their vocabulary."""
    size = draw(st.sampled_from([3, 2, 4, 6, 1]))
    return np.array(draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=6))), size


@st.composite
def tables(draw: st.DrawFn) -> Case:
    """Draw ids and a table of any width, often square."""
    ids, size = draw(texts())
    return ids, draw(matrices(size, draw(st.sampled_from([size, 1, 2, 3])))) * draw(st.sampled_from([1.0, 1e-6, 1e6]))


def sizes(ids: Any, other: Any) -> dict[str, int]:
    """Return the number of tokens and the size of the vocabulary."""
    return {"T": len(ids), "V": other} if np.ndim(other) == 0 else {"T": len(ids), "V": len(other), "d": other.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 2,000 ids and a table of 200 rows."""
    draw = np.random.default_rng(0)
    return LOOK, None, (draw.integers(200, size=2000), draw.normal(size=(200, 64)))


TABLE = np.array([[0.25, -1.5], [1.125, 2.0], [3.0, 4.75]])
SQUARE = np.array([[0.5, 1.25, -2.0], [3.0, -0.125, 1.0], [2.0, 4.0, 0.75]])

exercise = Exercise(
    name="one-hot",
    title="One-hot vectors and the look-up",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.embedding"],
    reference=reference,
    entries={HOT: [HOT], LOOK: [LOOK, "lookup"]},
    rounding=5,
    forbidden=["torch.nn.functional.one_hot"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the one-hot vectors",
            HOT,
            texts(),
            edges=[
                (np.array([2, 0, 2]), 3),
                (np.array([1, 3, 0, 1]), 6),
                (np.array([0]), 1),
                (np.array([0]), 4),
                (np.array([4, 2, 1]), 5),
            ],
        ),
        Check(
            "the rows of a table",
            LOOK,
            tables(),
            edges=[
                (np.array([2, 0, 2]), TABLE),
                (np.array([2, 0, 1]), SQUARE),
                (np.array([1, 1, 2, 0]), SQUARE),
                (np.array([0]), np.array([[7.5]])),
                (np.array([0]), TABLE),
            ],
            examples=30,
        ),
        Check(
            "a second call with the same table",
            LOOK,
            tables(),
            edges=[(np.array([2, 0, 1]), SQUARE)],
            observer=partial(call_twice, entry=LOOK),
            arguments=("ids", "table"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
