"""Top-p, or nucleus sampling: which tokens may be drawn."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.nucleus_sampling.mistakes import KEEP, MISTAKES
from groundup.judge.exercise import Case, Check, Exercise

# Sums that come nearer to p than this may fall on either side of it, by rounding.
NEAR = 1e-3


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {KEEP: step.keep_top_p}


def make_case(p: float, *logits: float) -> Case:
    """Return a case with these logits."""
    import torch

    return torch.tensor(logits, dtype=torch.float32), p


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw logits, some of them equal or −∞, and a p that is not next to any sum of their probabilities."""
    size = draw(st.integers(1, 7))
    whole = st.integers(-3, 3).map(float)
    few = st.integers(-40, 40).map(lambda n: n / 10)
    wide = st.floats(-12, 12, width=32)
    values = draw(st.lists(draw(st.sampled_from([whole, few, wide])), min_size=size, max_size=size))
    if size > 2 and draw(st.integers(0, 3)) == 3:
        values[draw(st.integers(1, size - 1))] = -float("inf")
    case = make_case(draw(st.integers(1, 99)) / 100, *values)
    for order in (case[0].sort().values, case[0].sort(descending=True).values, case[0]):
        sums = order.double().softmax(0).cumsum(0)
        assume(not bool(((sums - case[1]).abs() < NEAR).any() | ((sums - 1 + case[1]).abs() < NEAR).any()))
    return case


def sizes(logits: Any, p: float) -> dict[str, int]:
    """Return the number of tokens."""
    return {"V": len(logits)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return the logits of 50,000 tokens."""
    return KEEP, None, make_case(0.9, *[(place * 7919 % 50_000) / 5_000 for place in range(50_000)])


exercise = Exercise(
    name="nucleus-sampling",
    title="Nucleus sampling: top-p",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.sampling"],
    reference=reference,
    entries={KEEP: [KEEP, "top_p", "nucleus"]},
    rounding=4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "which tokens may be drawn",
            KEEP,
            cases(),
            edges=[
                make_case(0.6, 1.0, 0.0, 2.0, -1.0),
                make_case(0.7, 1.0, 0.0, 2.0, -1.0),
                make_case(0.95, 3.0, 1.0, 2.0, 0.5, -2.0),
                make_case(0.4, 0.25, 5.5, -1.75, 1.5),
                make_case(0.3, 3.0, 1.0, 2.0, 0.5, -2.0),
                make_case(0.9, -1.0, -2.5, -1.25, -3.0, -2.0),
                make_case(0.5, 0.7),
            ],
            examples=50,
        ),
        Check(
            "equal logits, and a sum of exactly p",
            KEEP,
            st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([0.0, 1.5, -3.0])).flatmap(
                lambda drawn: st.sampled_from([0.25, 0.5, 0.75]).map(lambda p: make_case(p, *[drawn[1]] * drawn[0]))
            ),
            edges=[
                make_case(0.5, 0.0, 0.0, 0.0, 0.0),
                make_case(0.6, 1.0, 0.0, 1.0, 1.0),
                make_case(0.8, 0.0, 2.0, 1.0, 1.0, 1.0),
                make_case(0.5, 1.0, 0.0, 1.0, 1.0),
                make_case(0.7, 0.0, 2.0, 1.0, 1.0, 1.0),
                make_case(0.75, 2.0, 2.0, 2.0, 2.0),
                make_case(0.45, 0.0, 1.0, 1.0, 0.0),
            ],
            examples=8,
        ),
        Check(
            "p = 1, and a p near 0",
            KEEP,
            st.tuples(st.sampled_from([1.0, 1.0, 1e-6, 0.01]), st.permutations([0.0, 1.0, -0.5, 2.0])).map(
                lambda drawn: make_case(drawn[0], *drawn[1])
            ),
            edges=[make_case(1.0, 1.0, 3.0, 2.0), make_case(1e-6, 1.0, 3.0, 2.0), make_case(1.0, 2.0)],
            examples=6,
        ),
        Check(
            "tokens that were left out before",
            KEEP,
            st.permutations([0.0, 1.0, -float("inf"), 2.0]).map(lambda values: make_case(0.8, *values)),
            edges=[make_case(0.8, 1.0, -float("inf"), 0.0, -float("inf"))],
            examples=4,
        ),
        Check(
            "a second call with the same logits",
            KEEP,
            cases(),
            edges=[make_case(0.7, 1.0, 0.0, 2.0, -1.0)],
            observer=partial(call_twice, entry=KEEP),
            arguments=("logits", "p"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
