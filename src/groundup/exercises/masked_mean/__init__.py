"""The mean of the real words in a padded batch."""

from __future__ import annotations

import copy
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import FIRST, KEEP
from groundup.exercises.masked_mean.mistakes import MISTAKES
from groundup.exercises.strategies import random_tensors, tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

MEAN = "masked_mean"
ARGUMENTS = ("vectors", "ids")


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def masked_mean(vectors: Any, ids: Any) -> Any:
        return step.average_words(vectors, ids)

    return {MEAN: masked_mean}


def as_ids(rows: list[list[int]]) -> Any:
    """Return sentences as one tensor, padded with 0 to the length of the longest, at least 1."""
    import torch

    length = max(1, *map(len, rows))
    return torch.tensor([row + [0] * (length - len(row)) for row in rows])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw sentences of different lengths, some without words, and the vectors of all positions."""
    least = draw(st.sampled_from([1, 0]))  # with 0, padding may also stand before words, or between them
    rows = draw(st.lists(st.lists(st.integers(least, 5), max_size=5), min_size=1, max_size=4))
    ids = as_ids(rows)
    width = draw(st.integers(1, 4))
    vectors = tensors if draw(st.booleans()) else random_tensors
    return draw(vectors(*ids.shape, width)) * draw(st.sampled_from([1.0, 1.0, 1e-4, 1e4])), ids


def make(rows: list[list[int]], width: int, seed: int = 0) -> Case:
    """Return a case of these sentences."""
    import torch

    ids = as_ids(rows)
    return torch.randn(*ids.shape, width, generator=torch.Generator().manual_seed(seed)), ids


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return (
        torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]], [[4.0, 0.0], [9.0, 9.0], [9.0, 9.0]], [[9.0, 9.0]] * 3]),
        torch.tensor([[5, 2, 0], [7, 0, 0], [0, 0, 0]]),
    )


def with_zeros() -> Case:
    """Return words whose vectors hold zeros, beside padding whose vectors do not."""
    vectors, ids = make([[3, 1, 2], [4, 1]], 2, seed=3)
    vectors[0, 1], vectors[1, 0, 0] = 0.0, 0.0
    return vectors, ids


def call_again(answer: Answer, vectors: Any, ids: Any) -> dict[str, Any]:
    """Return the means, and then those of the same vectors where every position holds a real word.

    A first call that sets the vectors of padding to 0 spoils the second.
    """
    kept = answer.given(KEEP, vectors)
    first = copy.deepcopy(answer.call(MEAN, kept, ids))
    return {
        FIRST: first,
        "then the same vectors, with a word at every position": answer.call(MEAN, kept, ids.clamp(min=1)),
    }


def sizes(vectors: Any, ids: Any) -> dict[str, int]:
    """Return the number of sentences, their length, and the width."""
    return {"B": len(ids), "T": ids.shape[1], "d": vectors.shape[2]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 200 sentences of up to 100 words."""
    return MEAN, None, make([[1 + place % 7] * (1 + place % 100) for place in range(200)], 32)


exercise = Exercise(
    name="masked-mean",
    title="The mean of the real words",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.sentiment"],
    reference=reference,
    entries={MEAN: [MEAN, "average_words"]},
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the means",
            MEAN,
            cases(),
            edges=[
                worked(),
                with_zeros(),
                make([[1, 2, 3, 4], [2, 2], [5]], 3),
                make([[1, 5, 5], [1, 1, 3], [2]], 2, seed=1),
                make([[2, 0, 4, 1], [0, 0, 3]], 2, seed=2),
                make([[3]], 1),
                make([[2, 1]], 1),
                make([[], [1, 2, 3], []], 2),
                make([[]], 2),
            ],
        ),
        GradientCheck(
            "the gradient along the vectors",
            MEAN,
            cases().filter(lambda case: bool(case[1].any())),  # without any word, zeros need no gradient
            edges=[worked()],
            examples=6,
            along=((0, "the vectors"),),
            arguments=ARGUMENTS,
        ),
        Check(
            "a second call with the same vectors",
            MEAN,
            cases(),
            edges=[worked()],
            observer=call_again,
            arguments=ARGUMENTS,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
