"""The policy loss of GRPO: clipped ratios times advantages, and a pull to the reference."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP
from groundup.exercises.policy_loss.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

ENTRY = "policy_loss"
ARGUMENTS = ("new", "old", "reference", "advantages", "clip", "pull")


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {ENTRY: step.policy_loss}


def case_of(new: Any, old: Any, before: Any, advantages: list[float], clip: float, pull: float) -> Case:
    """Return a case from probabilities."""
    import torch

    logarithms = (torch.tensor(values).log() for values in (new, old, before))
    return (*logarithms, torch.tensor(advantages), clip, pull)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw log-probabilities whose ratios lie inside and outside of the clip, but not at its border."""
    import torch

    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    random = torch.Generator().manual_seed(draw(SEEDS))
    clip = draw(st.sampled_from([0.2, 0.1, 0.5]))
    old = -0.05 - 2 * torch.rand(batch, time, generator=random)
    # The ratio is one of these, each a tenth up or down: none is where the slope breaks off.
    moves = torch.tensor([1.0, 1 + clip / 2, 1 - clip / 2, 1 + 2 * clip, max(0.05, 1 - 1.6 * clip)])
    moves = moves[torch.randint(5, (batch, time), generator=random)]
    new = old + moves.log() + 0.02 * clip * torch.rand(batch, time, generator=random)
    before = old + 0.5 * torch.randn(batch, time, generator=random)
    advantages = draw(st.sampled_from([1.0, 3.0, 0.01])) * torch.randn(batch, generator=random)
    return new, old, before, advantages, clip, draw(st.sampled_from([0.0, 0.01, 1.0]))


def look_at_arguments(answer: Answer, *arguments: Any) -> dict[str, Any]:
    """Return the loss, and what the tensors are after the call."""
    kept = [answer.given(KEEP, one) for one in arguments[:4]]
    told = {"the loss": answer.call(ENTRY, *kept, *arguments[4:])}
    after = {
        f"{name} after the call": answer.method(one, ["tolist"]) for name, one in zip(ARGUMENTS, kept, strict=False)
    }
    return {**told, **after}


def sizes(new: Any, *_: Any) -> dict[str, int]:
    """Return the numbers of answers and of tokens of each."""
    return {"B": new.shape[0], "T": new.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 20,000 answers of 20 tokens."""
    import torch

    random = torch.Generator().manual_seed(0)
    new, old, before = (-torch.rand(20_000, 20, generator=random) for _ in range(3))
    return ENTRY, None, (new, old, before, torch.randn(20_000, generator=random), 0.2, 0.01)


WORKED = ([[0.5], [0.3]], [[0.5], [0.2]], [[0.5], [0.2]], [-1.0, 1.0], 0.2)
# Each advantage meets a ratio inside the clip, above it and below it; the reference differs at every token.
SEVERAL = (
    [[0.5, 0.6, 0.1], [0.5, 0.6, 0.1], [0.2, 0.3, 0.4]],
    [[0.48, 0.3, 0.4], [0.48, 0.3, 0.4], [0.2, 0.31, 0.37]],
    [[0.4, 0.5, 0.2], [0.6, 0.2, 0.15], [0.3, 0.1, 0.4]],
    [1.5, -0.7, 0.3],
    0.2,
)

exercise = Exercise(
    name="policy-loss",
    title="The policy loss of GRPO",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.policy_gradient"],
    reference=reference,
    entries={ENTRY: [ENTRY, "grpo_loss"]},
    tolerance=1e-4,
    rounding=4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the loss",
            ENTRY,
            cases(),
            edges=[
                case_of(*WORKED, 1.0),
                case_of(*WORKED, 0.0),
                case_of(*SEVERAL, 0.0),
                case_of(*SEVERAL, 1.0),
                case_of([[0.9]], [[0.3]], [[0.01]], [-2.0], 0.2, 0.1),
                case_of([[0.1]], [[0.3]], [[0.9]], [2.0], 0.2, 0.1),
            ],
            absolute=1e-6,
        ),
        GradientCheck(
            "the gradient along new",
            ENTRY,
            cases(),
            edges=[case_of(*SEVERAL, 1.0)],
            along=((0, "new"),),
            arguments=ARGUMENTS,
            examples=8,
        ),
        Check(
            "the caller's tensors stay as they are",
            ENTRY,
            cases(),
            observer=look_at_arguments,
            arguments=ARGUMENTS,
            edges=[case_of(*SEVERAL, 1.0)],
            absolute=1e-6,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
