"""The cosine between word vectors, and the nearest words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from groundup.exercises.calling import KEEP, call_on_whole_numbers, call_twice
from groundup.exercises.cosine_neighbours.mistakes import MISTAKES
from groundup.exercises.strategies import matrices, vectors
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise

COSINES, NEAREST = "cosines", "nearest"
# Cosines that are nearer than this may change places by rounding.
GAP = 1e-6
PAIRS = ((0.09, 0.02), (0.02, 0.01), (0.01, 0.005), (0.008, 0.003))
# Their lengths are powers of 2, so that equal cosines are equal in whatever order they are computed.
EXACT = np.array(
    [
        [1.0, 0.0, 0.0, 0.0],
        [4.0, 0.0, 0.0, 0.0],
        [-2.0, 0.0, 0.0, 0.0],
        [0.0, 8.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0, 1.0],
        [2.0, 2.0, -2.0, 2.0],
        [-4.0, 4.0, 4.0, -4.0],
        [0.5, 0.5, 0.5, 0.5],
        [0.0, 0.0, 0.0, 0.25],
    ]
)


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signatures, on NumPy arrays, which it may change."""
    import torch

    def as_tensor(array: Any) -> Any:
        return torch.from_numpy(np.asarray(array, dtype=float))

    def cosines(table: Any, vector: Any) -> Any:
        return step.measure_cosines(as_tensor(table), as_tensor(vector)).numpy()

    def nearest(table: Any, row: int, count: int) -> Any:
        return step.find_nearest(as_tensor(table), row, count)[0].tolist()

    return {COSINES: cosines, NEAREST: nearest}


@st.composite
def cosine_cases(draw: st.DrawFn) -> Case:
    """Draw a table, some rows of zeros, and a vector; long ones and short ones."""
    rows, width = draw(st.integers(1, 5)), draw(st.sampled_from([2, 3, 4, 1]))
    table = draw(matrices(rows, width)) * draw(st.sampled_from([1.0, 1.0, 1e-5, 1e4]))
    table[draw(st.lists(st.integers(0, rows - 1), max_size=1))] = 0.0
    return table, draw(vectors(width)) * draw(st.sampled_from([1.0, 1.0, 1e-5, 1e4]))


@st.composite
def nearest_cases(draw: st.DrawFn) -> Case:
    """Draw a table without cosines next to each other, a row, and a count, which may be larger than the table."""
    rows, width = draw(st.integers(1, 6)), draw(st.sampled_from([2, 3, 4]))
    table, row = draw(matrices(rows, width)), draw(st.integers(0, rows - 1))
    lengths = np.linalg.norm(table, axis=1)
    assume(lengths.min() > 0)
    found = np.sort(table @ table[row] / lengths / lengths[row])
    assume(rows == 1 or bool(np.diff(found).min() > GAP))
    return table, row, draw(st.integers(1, rows + 1))


@st.composite
def equal_cases(draw: st.DrawFn) -> Case:
    """Draw a table in which many cosines are equal, rows of zeros among them."""
    chosen = draw(st.lists(st.integers(0, len(EXACT) - 1), min_size=2, max_size=6))
    return EXACT[chosen], draw(st.integers(0, len(chosen) - 1)), draw(st.integers(1, len(chosen)))


def look_at_table(answer: Answer, table: Any, row: int, count: int) -> dict[str, str]:
    """Tell whether each function leaves the table as it is."""
    told = {}
    for entry, arguments in ((COSINES, (table[row].copy(),)), (NEAREST, (row, count))):
        kept = answer.given(KEEP, table.copy())
        answer.call(entry, kept, *arguments)
        same = np.array_equal(to_plain(answer.method(kept, ["tolist"])), table)
        told[f"the table after {entry}"] = "as it was" if same else "changed"
    return told


def sizes(table: Any, *_: Any) -> dict[str, int]:
    """Return the number of rows and their width."""
    return {"V": len(table), "d": table.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 20,000 rows."""
    return NEAREST, None, (np.random.default_rng(0).normal(size=(20_000, 64)), 7, 10)


# The farther of two rows comes first, by a cosine that differs in the second, third, fourth or fifth place.
CLOSE = [np.array([[1.0, 0.0], [1.0, far], [1.0, near], [0.0, 1.0]]) for far, near in PAIRS]
WORDS = np.array([[3.0, 4.0], [6.0, 8.0], [4.0, -3.0], [-3.0, -4.0], [0.0, 0.0], [1.0, 0.0]])
UNEVEN = np.array([[0.5, 1.25, -2.0], [3.0, -0.125, 1.0], [20.0, 40.0, 0.75], [-0.5, -1.0, 2.5], [0.01, 0.03, -0.02]])

exercise = Exercise(
    name="cosine-neighbours",
    title="The nearest words",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.embedding"],
    reference=reference,
    entries={COSINES: [COSINES, "cosine_similarities"], NEAREST: [NEAREST, "nearest_neighbors", "neighbours"]},
    rounding=4,
    tolerance=1e-5,
    forbidden=["torch.nn.functional.cosine_similarity", "torch.nn.CosineSimilarity"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the cosines",
            COSINES,
            cosine_cases(),
            edges=[
                (WORDS, np.array([3.0, 4.0])),
                (UNEVEN, np.array([1.5, -0.25, 2.0])),
                (UNEVEN[:3], UNEVEN[1]),
                (np.array([[1e-5, 2e-5], [3e-5, -1e-5]]), np.array([2e-5, 1e-5])),
                (UNEVEN, np.zeros(3)),
                (np.array([[-2.0]]), np.array([3.0])),
            ],
        ),
        Check(
            "the nearest rows",
            NEAREST,
            nearest_cases(),
            edges=[(UNEVEN, 0, 2), (UNEVEN, 2, 4), (UNEVEN, 1, 9), (np.array([[1.0, 2.0]]), 0, 1), (UNEVEN, 4, 1)],
            examples=30,
        ),
        Check(
            "equal cosines, and rows of zeros",
            NEAREST,
            equal_cases(),
            edges=[
                (EXACT, 0, 4),
                (EXACT, 4, 3),
                (EXACT, 1, 9),
                (EXACT[[0, 0, 0, 3]], 1, 2),
                (EXACT[[1, 5, 8, 0]], 3, 3),
            ],
            examples=25,
        ),
        Check(
            "cosines that are nearly equal",
            NEAREST,
            st.sampled_from(CLOSE).map(lambda table: (table, 0, 3)),
            edges=[(table, 0, 3) for table in CLOSE],
            examples=1,
        ),
        Check(
            "vectors of whole numbers",
            COSINES,
            st.tuples(st.sampled_from([np.array([[1, 2], [3, -1], [0, 0]])]), st.sampled_from([np.array([2, 1])])),
            edges=[(np.array([[3, 4], [4, -3]]), np.array([6, 8]))],
            observer=partial(call_on_whole_numbers, entry=COSINES),
            examples=2,
            repeats=True,
        ),
        Check(
            "the table after the call",
            NEAREST,
            st.tuples(st.just(UNEVEN), st.integers(0, 4), st.just(2)),
            edges=[(UNEVEN, 0, 2)],
            observer=look_at_table,
            arguments=("table", "row", "count"),
            examples=1,
            repeats=True,
        ),
        Check(
            "a second call with the same table",
            COSINES,
            cosine_cases(),
            edges=[(UNEVEN, np.array([1.5, -0.25, 2.0]))],
            observer=partial(call_twice, entry=COSINES),
            arguments=("table", "vector"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
