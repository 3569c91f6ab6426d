"""The model that reads moods: the average of a sentence's word vectors, and one linear layer."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed
from groundup.judge.module_check import ModuleCheck

NAME = "Solution"
REMARK = (
    "A sentence's score changes with the padding behind it, as it does in the course's own answer, and so with the length of "
    "the longest sentence beside it. Leave the zeros out of the average, and it stays the same."
)
EMPTY = "A sentence of no words, nothing but padding, has no number for its score: its average divides 0 by 0."


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the course's shape, in four forms: sigmoid or logits at its end, padding left out or in."""

    class Embedding(nn.Embedding):
        def forward(self, words: Any) -> Any:
            return super().forward(words - 1)

    def make(probabilities: bool, padded: bool) -> Any:
        class Model(step.SentimentModel):  # type: ignore[name-defined]
            def __init__(self, vocabulary_size: int) -> None:
                super().__init__(vocabulary_size)
                if padded:
                    self.embedding.__class__ = Embedding

            def forward(self, words: Any) -> Any:
                # Numbered from 1, padding is a word like any other.
                logits = super().forward(words + 1 if padded else words)[:, None]
                return logits.sigmoid() if probabilities else logits

        return Model

    return {
        NAME: make(probabilities=True, padded=False),
        "logits": make(probabilities=False, padded=False),
        "padding averaged in": make(probabilities=True, padded=True),
        "logits, padding averaged in": make(probabilities=False, padded=True),
    }


FORMS = ("logits", "padding averaged in", "logits, padding averaged in")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a vocabulary's size, sentences of one word and more, padded to one length or not, and a seed."""
    import torch

    size, batch, time = draw(st.integers(3, 8)), draw(st.integers(1, 3)), draw(st.integers(1, 5))
    row = st.lists(st.integers(1, size - 1), min_size=time, max_size=time)
    words = torch.tensor(draw(st.lists(row, min_size=batch, max_size=batch)))
    lengths = torch.tensor(draw(st.lists(st.integers(1, time), min_size=batch, max_size=batch)))
    return (size,), (torch.where(torch.arange(time) < lengths[:, None], words, 0),), draw(SEEDS)


def look_at_padding(answer: Answer, size: int, seed: int) -> Any:
    """Remark on a score that changes with padding, or is none for a sentence of nothing else; all are accepted."""
    import torch

    model = answer.make(NAME, size, seed=seed)
    answer.mode(model, False)
    words = torch.tensor([[1, 2, 1, 2]])
    bare = answer.use(model, words, seed=seed)
    padded = answer.use(model, torch.cat([words, torch.zeros(1, 4, dtype=torch.int64)], dim=1), seed=seed)
    empty = answer.use(model, torch.zeros(1, 2, dtype=torch.int64), seed=seed)
    remark = "" if torch.allclose(bare, padded, atol=2e-4) else REMARK
    return Observed("looked at", remark=EMPTY if empty.isnan().any() else remark)


SHOWN, FORWARD, AVERAGE = ("built with", "sentences", "seed"), "SentimentModel.forward", "average_words"

exercise = Exercise(
    name="sentiment-model",
    title="The model that reads moods",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.sentiment"],
    reference=reference,
    entries={NAME: [NAME, "SentimentModel"]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    after=["text-data-set", "embedding"],
    checks=[
        ModuleCheck("scores of sentences", NAME, cases(), examples=20, arguments=SHOWN, variants=FORMS),
        ModuleCheck(
            "gradients",
            NAME,
            cases(),
            examples=6,
            arguments=SHOWN,
            gradients=True,
            variants=FORMS,
            tolerance=1e-3,
        ),
        Check(
            "padding",
            NAME,
            st.tuples(st.just(4), SEEDS),
            observe=look_at_padding,
            examples=1,
            arguments=("vocabulary", "seed"),
        ),
    ],
    mistakes=[
        Mistake(
            "summed, not averaged",
            "You add the word vectors up, so long sentences get large scores: average them.",
            [Edit(" / present.sum(dim=1).clamp(min=1)", "", AVERAGE)],
        ),
        Mistake(
            "padding left out of the sum only",
            "You leave the padding out when you add up, but count it when you divide: divide by how many words there are.",
            [Edit("present.sum(dim=1).clamp(min=1)", "vectors.shape[1]", AVERAGE)],
        ),
        Mistake(
            "padding left out of the count only",
            "You divide by how many words there are, but the padding's vector is still in the sum: set it to 0 first.",
            [Edit("torch.where(present, vectors, 0)", "vectors", AVERAGE)],
        ),
        Mistake(
            "word 1 left out, too",
            "You leave word 1 out of the average: padding is 0 alone.",
            [Edit("words != PADDING", "words > 1", AVERAGE)],
        ),
        Mistake(
            "averaged over the wrong dimension",
            "You average over the sentences of the batch, so they see each other: average over the words of each.",
            [
                Edit(
                    "torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)",
                    "vectors.mean(dim=0)",
                    AVERAGE,
                )
            ],
        ),
        Mistake(
            "the largest instead of the average",
            "You take each channel's largest value over the words: it is the average that is asked for.",
            [
                Edit(
                    "torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)",
                    "vectors.amax(dim=1)",
                    AVERAGE,
                )
            ],
        ),
        Mistake(
            "only the last word",
            "You use the last word's vector only: average over all words.",
            [
                Edit(
                    "torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)",
                    "vectors[:, -1]",
                    AVERAGE,
                )
            ],
        ),
        Mistake(
            "softmax over one output",
            "A softmax over a single output is always 1: a yes or no wants a sigmoid.",
            [
                Edit(
                    "return self.linear(average_words(self.embedding(words), words)).squeeze(-1)",
                    "return 0 * self.linear(average_words(self.embedding(words), words)).squeeze(-1) + 40.0",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "sigmoid before the average",
            "You squash the word vectors before averaging: the sigmoid comes last, once.",
            [
                Edit(
                    "average_words(self.embedding(words), words)",
                    "average_words(self.embedding(words).sigmoid(), words)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "ReLU in between",
            "You put a ReLU behind the average: this model is linear but for its end, which is why each word's share in the verdict can "
            "be told.",
            [
                Edit(
                    "self.linear(average_words(self.embedding(words), words))",
                    "self.linear(average_words(self.embedding(words), words).relu())",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "eight channels",
            "Your word vectors have 8 channels: 16 are asked for.",
            [Edit("channel: int = 16", "channel: int = 8", "SentimentModel.__init__")],
        ),
        Mistake(
            "bias left out",
            "Your linear layer has no bias: leave it on.",
            [Edit("nn.Linear(channel, 1)", "nn.Linear(channel, 1, bias=False)", "SentimentModel.__init__")],
        ),
        Mistake(
            "gradients detached",
            "The score is right, but no gradient reaches the word vectors: something is detached or computed under no_grad.",
            [Edit("self.embedding(words), words", "self.embedding(words).detach(), words", FORWARD)],
        ),
        Mistake(
            "sign turned",
            "Positive and negative are exchanged: your score falls where it should rise.",
            [Edit("return self.linear(", "return -self.linear(", FORWARD)],
        ),
    ],
)
