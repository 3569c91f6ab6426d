"""Cross-entropy from logits: the loss of every classifier and every language model."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP
from groundup.exercises.loss_from_logits.mistakes import LOSS, MISTAKES
from groundup.exercises.strategies import tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"cross_entropy": step.cross_entropy}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw logits and the right classes."""
    import torch

    rows, classes = draw(st.integers(1, 4)), draw(st.sampled_from([2, 3, 4, 5, 1]))
    targets = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return draw(tensors(rows, classes)), torch.tensor(targets)


def case_of(rows: list[list[float]], targets: list[int]) -> Case:
    """Return logits and targets as tensors."""
    import torch

    return torch.tensor(rows), torch.tensor(targets)


def observe_large(answer: Answer, logits: Any, targets: Any) -> dict[str, Any]:
    """Return the loss of large logits, and of those less each row's largest, which is the same, and of small ones."""
    smaller = logits - logits.max(dim=-1, keepdim=True).values
    return {
        "their loss": answer.call(LOSS, logits, targets),
        LESS: answer.call(LOSS, smaller, targets),
        "the loss of their hundredths": answer.call(LOSS, logits / 100, targets),
    }


def look_at_logits(answer: Answer, logits: Any, targets: Any) -> dict[str, Any]:
    """Return the loss, and what the logits are after the call."""
    kept = answer.given(KEEP, logits)
    return {"the loss": answer.call(LOSS, kept, targets), "the logits after the call": answer.method(kept, ["tolist"])}


LESS = "the loss of the same logits, less each row's largest"
ARGUMENTS = ("logits", "targets")
# A difference of float32 numbers of a thousand errs by so much.
LARGE_ERROR = 3e-4
# Of one class alone the loss is 0, which float32 need not meet exactly on another way.
ROUNDED = 1e-6


def sizes(logits: Any, targets: Any) -> dict[str, int]:
    """Return the number of examples and of classes."""
    return {"N": logits.shape[0], "C": logits.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 5,000 examples of 500 classes."""
    import torch

    draw = torch.Generator().manual_seed(0)
    return "cross_entropy", None, (torch.randn(5000, 500, generator=draw), torch.randint(500, (5000,), generator=draw))


exercise = Exercise(
    name="loss-from-logits",
    title="Cross-entropy from logits",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.loss"],
    reference=reference,
    entries={LOSS: [LOSS]},
    tolerance=1e-4,
    rounding=4,
    forbidden=[
        "torch.nn.functional.cross_entropy",
        "torch.nn.CrossEntropyLoss",
        "torch.nn.functional.nll_loss",
        "torch.nn.NLLLoss",
    ],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "logits of ordinary size",
            LOSS,
            cases(),
            edges=[
                case_of([[1.0, 2.0, 3.0]], [2]),
                case_of([[0.0, 0.0]], [0]),
                case_of([[2.0, -1.0], [0.5, 0.5]], [1, 0]),
            ],
            absolute=ROUNDED,
        ),
        Check(
            "logits of a thousand",
            LOSS,
            cases().map(lambda case: (300 * case[0], case[1])),
            observer=observe_large,
            absolute=LARGE_ERROR,
            arguments=ARGUMENTS,
            edges=[
                case_of([[1000.0, 0.0]], [0]),
                case_of([[1000.0, 0.0]], [1]),
                case_of([[-1000.0, -1000.0]], [1]),
                case_of([[100.0, 0.0], [-1.0, -1.5]], [0, 1]),
                case_of([[1000.0, 0.0], [0.0, 0.0]], [0, 0]),
                case_of([[90.0, 88.0, 89.5]], [1]),
                case_of([[0.0, 18.0]], [0]),
                case_of([[0.0, 25.0]], [0]),
            ],
            examples=10,
        ),
        GradientCheck(
            "the gradient along the logits",
            LOSS,
            cases(),
            edges=[case_of([[1.0, 2.0, 3.0]], [2])],
            along=((0, "logits"),),
            arguments=ARGUMENTS,
            examples=8,
        ),
        Check(
            "the caller's logits stay as they are",
            LOSS,
            cases(),
            observer=look_at_logits,
            arguments=ARGUMENTS,
            edges=[case_of([[2.0, -1.0], [0.5, 0.5]], [1, 0])],
            absolute=ROUNDED,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
