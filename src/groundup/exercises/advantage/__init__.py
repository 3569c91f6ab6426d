"""Advantages within a group: rewards compared with those of other answers to the same question."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.advantage.mistakes import MISTAKES
from groundup.exercises.calling import KEEP
from groundup.exercises.strategies import exact_tensors, tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

ENTRY = "advantages"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's name."""
    return {ENTRY: step.group_advantages}


def case_of(*rows: list[float]) -> Case:
    """Return rewards as a tensor."""
    import torch

    return (torch.tensor(rows),)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw rewards of a few questions, no two of a row so close that rounding decides."""
    import torch

    groups, samples = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    kind = draw(st.sampled_from(["right or wrong", "halves", "numbers"]))
    if kind == "numbers":
        # Half of the rows' entries are far apart, so that no row is equal up to rounding.
        rewards = draw(tensors(groups, samples))
        rewards[:, 0] = rewards[:, 1:].max() + 1
    elif kind == "halves":
        rewards = draw(exact_tensors(groups, samples))
    else:
        rewards = torch.tensor(draw(st.lists(st.integers(0, 1), min_size=groups * samples, max_size=groups * samples)))
        rewards = rewards.view(groups, samples).float()
    return (draw(st.sampled_from([1.0, 100.0, 0.01])) * rewards,)


@st.composite
def equal_rows(draw: st.DrawFn) -> Case:
    """Draw rewards of which some rows are all equal."""
    import torch

    groups, samples = draw(st.integers(1, 3)), draw(st.sampled_from([1, 2, 4, 8]))
    rewards = torch.tensor([draw(st.sampled_from([0.0, 1.0, 2.5, -3.0])) for _ in range(groups)])
    return (rewards[:, None].repeat(1, samples),)


def look_at_rewards(answer: Answer, rewards: Any) -> dict[str, Any]:
    """Return the advantages, and what the rewards are after the call."""
    kept = answer.given(KEEP, rewards)
    return {"the advantages": answer.call(ENTRY, kept), "the rewards after the call": answer.method(kept, ["tolist"])}


def sizes(rewards: Any) -> dict[str, int]:
    """Return the numbers of questions and of answers to each."""
    return {"G": rewards.shape[0], "S": rewards.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return rewards of 100,000 questions."""
    import torch

    return ENTRY, None, (torch.randn(100_000, 8, generator=torch.Generator().manual_seed(0)),)


exercise = Exercise(
    name="advantage",
    title="Advantages within a group",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.reward"],
    reference=reference,
    entries={ENTRY: [ENTRY, "group_advantages", "advantage"]},
    tolerance=2e-4,
    rounding=4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "rewards that differ",
            ENTRY,
            cases(),
            edges=[
                case_of([1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]),
                case_of([3.0, 1.0, 2.0, 2.5], [0.0, 1.0, 5.0, -2.0], [7.0, 7.5, 6.0, 7.25]),
                case_of([0.001, 0.003, 0.002]),
                case_of([2000.0, -500.0]),
            ],
            absolute=1e-5,
        ),
        Check(
            "rows of equal rewards",
            ENTRY,
            equal_rows(),
            edges=[case_of([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]), case_of([5.0])],
            absolute=1e-5,
            examples=10,
        ),
        Check(
            "the caller's rewards stay as they are",
            ENTRY,
            cases(),
            observer=look_at_rewards,
            arguments=("rewards",),
            edges=[case_of([1.0, 0.0, 0.5])],
            absolute=1e-5,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
