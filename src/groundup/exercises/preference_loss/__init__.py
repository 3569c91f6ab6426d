"""The preference loss (DPO): the better of two answers becomes likelier than the worse one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP
from groundup.exercises.preference_loss.mistakes import MISTAKES
from groundup.exercises.strategies import tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

ENTRY = "preference_loss"
ARGUMENTS = ("chosen", "rejected", "reference_chosen", "reference_rejected", "beta")


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {ENTRY: step.preference_loss}


def case_of(*rows: list[float], beta: float) -> Case:
    """Return four rows of log-probabilities as tensors."""
    import torch

    return (*map(torch.tensor, rows), beta)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw log-probabilities of a few pairs."""
    pairs = draw(st.integers(1, 4))
    four = [draw(tensors(pairs, low=-6.0, high=0.0)) for _ in range(4)]
    return (*four, draw(st.sampled_from([0.5, 0.1, 2.0])))


def look_at_large(answer: Answer, *arguments: Any) -> dict[str, Any]:
    """Return the loss, and that of a thousandth of each log-probability, where nothing is too large."""
    thousandths = (one / 1000 for one in arguments[:4])
    return {
        "their loss": answer.call(ENTRY, *arguments),
        "the loss of a thousandth of each": answer.call(ENTRY, *thousandths, arguments[4]),
    }


def look_at_arguments(answer: Answer, *arguments: Any) -> dict[str, Any]:
    """Return the loss, and what the tensors are after the call."""
    kept = [answer.given(KEEP, one) for one in arguments[:4]]
    told = {"the loss": answer.call(ENTRY, *kept, *arguments[4:])}
    after = {
        f"{name} after the call": answer.method(one, ["tolist"]) for name, one in zip(ARGUMENTS, kept, strict=False)
    }
    return {**told, **after}


def sizes(chosen: Any, *_: Any) -> dict[str, int]:
    """Return the number of pairs."""
    return {"B": chosen.shape[0]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a million pairs."""
    import torch

    random = torch.Generator().manual_seed(0)
    return ENTRY, None, (*(-10 * torch.rand(1_000_000, generator=random) for _ in range(4)), 0.1)


SEVERAL = ([-2.0, -1.5, -4.0], [-4.0, -0.5, -4.5], [-3.0, -1.0, -5.5], [-3.5, -2.5, -2.0])

exercise = Exercise(
    name="preference-loss",
    title="The preference loss",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.preference"],
    reference=reference,
    entries={ENTRY: [ENTRY, "dpo_loss"]},
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
                case_of([-2.0], [-4.0], [-3.0], [-3.0], beta=0.5),
                case_of(*SEVERAL, beta=0.5),
                case_of(*SEVERAL, beta=2.0),
                case_of([-1.0, -2.0], [-1.0, -2.0], [-1.0, -2.0], [-1.0, -2.0], beta=0.1),
            ],
        ),
        Check(
            "answers that are very unlikely",
            ENTRY,
            cases().map(lambda case: (*(200 * one for one in case[:4]), case[4])),
            observer=look_at_large,
            arguments=ARGUMENTS,
            edges=[
                case_of([-1000.0], [-10.0], [-10.0], [-1000.0], beta=1.0),
                case_of([-300.0, -20.0], [-10.0, -30.0], [-10.0, -20.0], [-10.0, -20.0], beta=1.0),
            ],
            absolute=1e-5,
            examples=10,
        ),
        GradientCheck(
            "the gradients along chosen and rejected",
            ENTRY,
            cases(),
            # Before the first step every margin is 0.
            edges=[
                case_of(*SEVERAL, beta=0.5),
                case_of([-1.0, -2.0], [-3.0, -0.5], [-1.0, -2.0], [-3.0, -0.5], beta=0.1),
                case_of([-2.0], [-2.0], [-2.0], [-2.0], beta=1.0),
                case_of([-4.0, -1.0], [-2.0, -3.0], [-4.0, -2.0], [-2.0, -3.0], beta=2.0),
            ],
            along=((0, "chosen"), (1, "rejected")),
            arguments=ARGUMENTS,
            examples=8,
        ),
        Check(
            "the caller's tensors stay as they are",
            ENTRY,
            cases(),
            observer=look_at_arguments,
            arguments=ARGUMENTS,
            edges=[case_of(*SEVERAL, beta=0.5)],
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
