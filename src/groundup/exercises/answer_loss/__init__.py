"""The loss on the answers: targets that leave the questions out, and the mean over those that count."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.answer_loss.mistakes import LOSS, MISTAKES, TARGETS
from groundup.exercises.calling import KEEP
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

IGNORED = -100


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {TARGETS: step.answer_targets, LOSS: step.answer_loss}


@st.composite
def conversations(draw: st.DrawFn) -> Case:
    """Draw tokens, and which belong to answers: one conversation or several."""
    import torch

    time = draw(st.integers(1, 7))
    shape = draw(st.sampled_from([(time,), (1, time), (3, time)]))
    generator = torch.Generator().manual_seed(draw(SEEDS))
    return torch.randint(1, 9, shape, generator=generator), torch.rand(shape, generator=generator) < 0.5


def draw_scores(seed: int, shape: tuple[int, ...], vocabulary: int, scale: float, share: float) -> Case:
    """Return logits and targets, so large a share of which counts."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn(*shape, vocabulary, generator=generator)
    targets = torch.randint(0, vocabulary, shape, generator=generator)
    return logits, targets.masked_fill(torch.rand(shape, generator=generator) >= share, IGNORED)


@st.composite
def scores(draw: st.DrawFn, scales: tuple[float, ...] = (1.0, 4.0, 1e-3)) -> Case:
    """Draw logits and targets of one conversation or several; in some, nothing counts."""
    time, vocabulary = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    shape = draw(st.sampled_from([(time,), (1, time), (3, time)]))
    share = draw(st.sampled_from([0.6, 0.3, 1.0, 0.0]))
    return draw_scores(draw(SEEDS), shape, vocabulary, draw(st.sampled_from(scales)), share)


def look_at_tokens(answer: Answer, tokens: Any, answered: Any) -> dict[str, Any]:
    """Return inputs and targets by their names, and what the tokens are after the call."""
    kept = answer.given(KEEP, tokens)
    found = answer.call(TARGETS, kept, answered)
    pair = isinstance(found, list | tuple) and len(found) == 2
    named = {"inputs": found[0], "targets": found[1]} if pair else {"returned": found}
    return {**named, "the tokens after the call": answer.method(kept, ["tolist"])}


def sizes(*case: Any) -> dict[str, int]:
    """Return how many positions there are."""
    return {"T": case[1].shape[-1]}


def worked() -> tuple[Case, Case]:
    """Return the statement's two cases."""
    import torch

    tokens, answered = torch.tensor([1, 2, 3, 5, 6]), torch.tensor([False, False, False, True, True])
    return (tokens, answered), (torch.zeros(3, 2), torch.tensor([IGNORED, 1, IGNORED]))


def of_answers(answered: list[bool]) -> Case:
    """Return a conversation with these answers."""
    import torch

    return torch.arange(1, 1 + len(answered)), torch.tensor(answered)


def with_nothing() -> Case:
    """Return logits of which no target counts."""
    import torch

    return torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([IGNORED, IGNORED])


def without_an_answer() -> Case:
    """Return logits of three conversations, the last of which has no target that counts."""
    import torch

    logits, _ = draw_scores(4, (3, 4), 3, 2.0, 1.0)
    return logits, torch.tensor([[0, 1, 2, 1], [IGNORED, IGNORED, 2, IGNORED], [IGNORED] * 4])


def benchmark_case() -> tuple[str, None, Case]:
    """Return 32 conversations of 64 tokens, of a vocabulary of 500."""
    return LOSS, None, draw_scores(0, (32, 64), 500, 1.0, 0.5)


exercise = Exercise(
    name="answer-loss",
    title="The loss on the answers",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.answer_loss"],
    reference=reference,
    entries={TARGETS: [TARGETS], LOSS: [LOSS]},
    tolerance=1e-4,
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
            "the inputs and targets",
            TARGETS,
            conversations(),
            edges=[
                worked()[0],
                of_answers([False, True]),
                of_answers([True, True, False, False, True]),
                of_answers([True]),
            ],
            observer=look_at_tokens,
            arguments=("tokens", "answered"),
        ),
        Check(
            "the loss",
            LOSS,
            scores(),
            edges=[
                worked()[1],
                with_nothing(),
                without_an_answer(),
                draw_scores(1, (2, 5), 4, 2.0, 0.5),
                draw_scores(2, (4,), 3, 2.0, 1.0),
            ],
            absolute=1e-6,
            arguments=("logits", "targets"),
        ),
        Check(
            "the loss of large logits",
            LOSS,
            scores(scales=(300.0,)),
            edges=[draw_scores(3, (4,), 3, 300.0, 0.7)],
            absolute=3e-4,
            arguments=("logits", "targets"),
            examples=8,
        ),
        GradientCheck(
            "the gradient along the logits",
            LOSS,
            scores(),
            edges=[draw_scores(1, (2, 5), 4, 2.0, 0.5), with_nothing()],
            along=((0, "logits"),),
            arguments=("logits", "targets"),
            examples=8,
        ),
    ],
    mistakes=MISTAKES,
)
