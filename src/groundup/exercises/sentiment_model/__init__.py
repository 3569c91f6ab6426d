"""The model that reads moods: the average of a sentence's word vectors, and one linear layer."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed
from groundup.judge.module_check import ModuleCheck

NAME = "Solution"
REMARK = (
    "It averages the padding in, as the course's own answer does: a sentence's score then changes with the length of the "
    "longest sentence beside it. Leave the zeros out of the average, and it stays the same."
)


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the course's shape and sigmoid at its end, and with logits."""

    def make(probabilities: bool) -> Any:
        class Model(step.SentimentModel):  # type: ignore[name-defined,misc]
            def forward(self, words: Any) -> Any:
                logits = super().forward(words)[:, None]
                return logits.sigmoid() if probabilities else logits

        return Model

    return {NAME: make(True), "logits": make(False)}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a vocabulary's size, sentences without padding, and a seed."""
    import torch

    size, batch, time = draw(st.integers(3, 8)), draw(st.integers(1, 3)), draw(st.integers(1, 5))
    row = st.lists(st.integers(1, size - 1), min_size=time, max_size=time)
    return (size,), (torch.tensor(draw(st.lists(row, min_size=batch, max_size=batch))),), draw(SEEDS)


def look_at_padding(answer: Answer, size: int, seed: int) -> Any:
    """Remark on a score that changes with padding; both are accepted."""
    import torch

    model = answer.make(NAME, size, seed=seed)
    answer.mode(model, False)
    words = torch.tensor([[1, 2, 1, 2]])
    bare = answer.use(model, words, seed=seed)
    padded = answer.use(model, torch.cat([words, torch.zeros(1, 4, dtype=torch.int64)], dim=1), seed=seed)
    return Observed("looked at", remark="" if torch.allclose(bare, padded, atol=2e-4) else REMARK)


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
        ModuleCheck("scores of sentences", NAME, cases(), examples=20, arguments=SHOWN, variants=("logits",)),
        ModuleCheck(
            "gradients",
            NAME,
            cases(),
            examples=6,
            arguments=SHOWN,
            gradients=True,
            variants=("logits",),
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
            "averaged over the wrong dimension",
            "You average over the sentences of the batch, so they see each other: average over the words of each.",
            [
                Edit(
                    "torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)",
                    "vectors.mean(dim=0, keepdim=True).mean(dim=1).expand(len(vectors), -1)",
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
