"""The sentiment model: the average of a sentence's word vectors, and one linear layer."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.module_checks import LearningCheck, take_output
from groundup.exercises.sentiment_model.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.module_check import ModuleCheck, draw_weights

NAME = "Solution"
REMARK = (
    "A sentence's score changes with the padding after it, as in the course's own answer, and so with the length "
    "of the longest sentence in the batch. Leave the zeros out of the average, and it stays the same."
)
EMPTY = "The score of a sentence without words, only padding, is not a number (NaN): its average divides 0 by 0."


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the course's shape, in every form that is accepted.

    A sigmoid or logits at its end; padding left out, averaged in, or averaged in with a vector that never learns. A
    mistake may end otherwise, by a ``squash`` of its own.
    """

    class Embedding(nn.Embedding):
        frozen = False

        def forward(self, words: Any) -> Any:
            return nn.functional.embedding(words - 1, self.weight, 0 if self.frozen else None)

    def make(probabilities: bool, padded: bool, frozen: bool = False) -> Any:
        class Model(step.SentimentModel):  # type: ignore[name-defined]
            def __init__(self, vocabulary_size: int) -> None:
                super().__init__(vocabulary_size)
                if padded:
                    self.embedding.__class__ = Embedding
                    self.embedding.frozen = frozen

            def forward(self, words: Any) -> Any:
                # Numbered from 1, padding is a word like any other.
                logits = super().forward(words + 1 if padded else words)
                if logits.ndim == 1:  # a mistake may give each word a score
                    logits = logits[:, None]
                squash = getattr(self, "squash", None)
                if squash is not None:
                    return squash(logits)
                return logits.sigmoid() if probabilities else logits

        return Model

    return {
        NAME: make(probabilities=True, padded=False),
        "logits": make(probabilities=False, padded=False),
        "padding averaged in": make(probabilities=True, padded=True),
        "logits, padding averaged in": make(probabilities=False, padded=True),
        "padding averaged in, never learned": make(probabilities=True, padded=True, frozen=True),
        "logits, padding averaged in, never learned": make(probabilities=False, padded=True, frozen=True),
    }


FORMS = ("logits", "padding averaged in", "logits, padding averaged in")
LEARNING_FORMS = (*FORMS, "padding averaged in, never learned", "logits, padding averaged in, never learned")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a vocabulary's size, sentences of one word and more, padded to one length or not, and a seed."""
    import torch

    size, batch, time = draw(st.integers(3, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    row = st.lists(st.integers(1, size - 1), min_size=time, max_size=time)
    words = torch.tensor(draw(st.lists(row, min_size=batch, max_size=batch)))
    lengths = torch.tensor(draw(st.lists(st.integers(1, time), min_size=batch, max_size=batch)))
    return (size,), (torch.where(torch.arange(time) < lengths[:, None], words, 0),), draw(SEEDS)


def fixed_case(size: int, words: list[list[int]]) -> Case:
    """Return a case with these sentences."""
    import torch

    return (size,), (torch.tensor(words),), 7


EDGES = [
    fixed_case(6, [[1, 2, 5]]),
    fixed_case(6, [[3]]),
    fixed_case(6, [[3], [4], [1]]),
    fixed_case(6, [[1, 2, 0, 0], [5, 4, 3, 2]]),
    fixed_case(6, [[2, 2, 1, 1, 2], [5, 4, 0, 0, 0], [1, 3, 1, 0, 0]]),
    fixed_case(6, [[1, 2, 3, 4, 5, 5, 1, 2, 3, 4, 5, 1, 1, 2, 4, 3]]),  # as many words as a vector has numbers
]


def look_in_training(answer: Answer, sizes: Any, inputs: Any, seed: int) -> dict[str, Any]:
    """Tell whether training mode gives another result than evaluation mode."""
    import torch

    model = answer.make(NAME, *sizes, seed=seed)
    answer.fill(model, draw_weights(answer.parameters(model), seed))
    outputs = []
    for mode in (False, True):
        answer.mode(model, mode)
        outputs.append(take_output(answer.use(model, *inputs, seed=seed)))
    evaluated, trained = outputs
    alike = evaluated.shape == trained.shape and torch.allclose(evaluated, trained, atol=1e-5)
    return {"training mode gives what evaluation mode gives": alike}


def look_at_padding(answer: Answer, size: int, seed: int) -> Any:
    """Remark on a score that changes with padding, or is none for a sentence of nothing else; all are accepted."""
    import torch

    model = answer.make(NAME, size, seed=seed)
    answer.mode(model, False)
    words = torch.tensor([[1, 2, 1, 2]])
    nothing = torch.zeros(1, 4, dtype=torch.int64)
    bare, padded, empty = (
        take_output(answer.use(model, given, seed=seed))
        for given in (words, torch.cat([words, nothing], dim=1), nothing)
    )
    remark = "" if torch.allclose(bare, padded, atol=2e-4) else REMARK
    return Observation("looked at", remark=EMPTY if empty.isnan().any() else remark)


SHOWN = ("built with", "sentences", "seed")

exercise = Exercise(
    name="sentiment-model",
    title="The sentiment model",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.sentiment"],
    reference=reference,
    entries={NAME: [NAME, "SentimentModel"]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        ModuleCheck("scores of sentences", NAME, cases(), EDGES, examples=14, arguments=SHOWN, variants=FORMS),
        LearningCheck("gradients", NAME, cases(), EDGES[3:], examples=4, arguments=SHOWN, variants=LEARNING_FORMS),
        Check(
            "training mode",
            NAME,
            cases(),
            EDGES[4:],
            observer=look_in_training,
            examples=1,
            arguments=SHOWN,
        ),
        Check(
            "padding",
            NAME,
            st.tuples(st.just(4), SEEDS),
            observer=look_at_padding,
            examples=1,
            arguments=("vocabulary", "seed"),
        ),
    ],
    mistakes=MISTAKES,
)
