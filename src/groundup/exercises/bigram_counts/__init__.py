"""A bigram model by counting: how often each token follows each, and the smoothed probabilities."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.bigram_counts.mistakes import MISTAKES
from groundup.exercises.calling import call_on_whole_numbers, call_twice
from groundup.judge.exercise import Case, Check, Exercise

COUNT, SHARE = "count_pairs", "probabilities"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on NumPy arrays, which it may change."""
    import torch

    def count_pairs(tokens: Any, vocab_size: int) -> Any:
        return step.count_pairs(torch.from_numpy(np.asarray(tokens, dtype=np.int64)), vocab_size).numpy()

    def probabilities(counts: Any, smoothing: float) -> Any:
        return step.find_shares(torch.from_numpy(np.asarray(counts, dtype=float)), smoothing).numpy()

    return {COUNT: count_pairs, SHARE: probabilities}


@st.composite
def texts(draw: st.DrawFn) -> Case:
    """Draw a text of few tokens, often with equal pairs, and a vocabulary in which some may not occur."""
    size = draw(st.integers(1, 5))
    return np.array(draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=9)), dtype=np.int64), size


@st.composite
def tables(draw: st.DrawFn) -> Case:
    """Draw counts, some rows without any, and a smoothing."""
    size = draw(st.integers(1, 4))
    few = draw(st.lists(st.integers(0, 5), min_size=size**2, max_size=size**2))
    counts = np.array(few, dtype=float).reshape(size, size) * draw(st.sampled_from([1.0, 1.0, 1000.0]))
    counts[draw(st.lists(st.integers(0, size - 1), max_size=2))] = 0.0
    return counts, draw(st.sampled_from([0.0, 1.0, 0.5, 0.01, 2.0, 1e-6]))


def sizes(first: Any, second: Any) -> dict[str, int]:
    """Return the size of the vocabulary."""
    return {"V": second if np.ndim(first) == 1 else len(first)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a text of 20,000 tokens."""
    return COUNT, None, (np.random.default_rng(0).integers(65, size=20_000), 65)


PAPAYA = np.array([1, 0, 1, 0, 2, 0])
COUNTS = np.array([[0.0, 1.0, 1.0], [2.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
HOLES = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 1.0], [7.0, 2.0, 2.0]])

exercise = Exercise(
    name="bigram-counts",
    title="A bigram model by counting",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.bigram"],
    reference=reference,
    entries={COUNT: [COUNT, "count_bigrams"], SHARE: [SHARE, "bigram_probabilities"]},
    rounding=4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the counts",
            COUNT,
            texts(),
            edges=[
                (PAPAYA, 3),
                (np.array([0, 0, 0, 0]), 2),
                (np.array([2, 0, 1, 2, 0, 3]), 5),
                (np.array([1, 0]), 2),
                (np.array([3]), 4),
                (np.array([0]), 1),
            ],
        ),
        Check(
            "the probabilities",
            SHARE,
            tables(),
            edges=[
                (COUNTS, 0.0),
                (COUNTS, 1.0),
                (HOLES, 0.0),
                (HOLES, 0.5),
                (HOLES, 1e-6),
                (np.array([[4.0]]), 0.0),
                (np.array([[0.0]]), 2.0),
                (np.array([[123456.0, 1.0], [7.0, 98765.0]]), 0.01),
            ],
        ),
        Check(
            "counts that are whole numbers",
            SHARE,
            tables().map(lambda case: (case[0].astype(np.int64), case[1])),
            edges=[(HOLES.astype(np.int64), 0.5)],
            observer=partial(call_on_whole_numbers, entry=SHARE),
            examples=10,
        ),
        Check(
            "a second call with the same table",
            SHARE,
            tables(),
            edges=[(HOLES, 0.5)],
            observer=partial(call_twice, entry=SHARE),
            arguments=("counts", "smoothing"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
