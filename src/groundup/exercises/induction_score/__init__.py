"""The induction score: how much of its attention a head puts on what followed the same token earlier."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP
from groundup.exercises.induction_score.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

ENTRY = "induction_score"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's name."""
    return {ENTRY: step.induction_score}


def attend(heads: int, length: int, seed: int, sharpness: float = 2.0) -> Case:
    """Return the weights of random heads on a row of ``length`` tokens that is repeated."""
    import torch

    time = 2 * length
    scores = sharpness * torch.randn(heads, time, time, generator=torch.Generator().manual_seed(seed))
    allowed = torch.ones(time, time, dtype=torch.bool).tril()
    return scores.masked_fill(~allowed, -torch.inf).softmax(-1), length


def point(length: int, *shifts: int) -> Case:
    """Return heads that each look so many tokens back, and at the first token where there are not so many."""
    import torch

    time = 2 * length
    heads = [torch.eye(time)[[max(0, place - shift) for place in range(time)]] for shift in shifts]
    return torch.stack(heads), length


def look_at_weights(answer: Answer, weights: Any, length: int) -> dict[str, Any]:
    """Return the scores, and what the weights are after the call."""
    kept = answer.given(KEEP, weights)
    return {
        "the scores": answer.call(ENTRY, kept, length),
        "the weights after the call": answer.method(kept, ["tolist"]),
    }


def sizes(weights: Any, length: int) -> dict[str, int]:
    """Return the number of heads, of tokens, and of tokens before the repetition."""
    return {"H": weights.shape[0], "T": weights.shape[1], "n": length}


def benchmark_case() -> tuple[str, None, Case]:
    """Return the weights of 64 heads on 200 tokens."""
    return ENTRY, None, attend(64, 100, 0)


exercise = Exercise(
    name="induction-score",
    title="The induction score of a head",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.head_scores"],
    reference=reference,
    entries={ENTRY: [ENTRY, "induction_scores"]},
    rounding=4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "heads that look at one token",
            ENTRY,
            st.builds(
                lambda length, shifts: point(length, *shifts),
                st.integers(2, 5),
                st.lists(st.integers(0, 5), min_size=1, max_size=3),
            ),
            edges=[point(4, 3), point(3, 2, 1), point(2, 1, 0, 9)],
            absolute=1e-5,
            examples=10,
        ),
        Check(
            "heads that look at several tokens",
            ENTRY,
            st.builds(attend, st.integers(1, 3), st.integers(2, 5), SEEDS),
            edges=[attend(1, 2, 0), attend(3, 6, 1)],
            absolute=1e-5,
        ),
        Check(
            "the caller's weights stay as they are",
            ENTRY,
            st.builds(attend, st.integers(1, 2), st.integers(2, 4), SEEDS),
            observer=look_at_weights,
            arguments=("weights", "length"),
            edges=[attend(2, 3, 0)],
            absolute=1e-5,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
