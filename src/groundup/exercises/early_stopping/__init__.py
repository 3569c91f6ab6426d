"""Early stopping: which epoch to keep, when to stop, and the weights that the model has afterwards."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import name_nothing
from groundup.exercises.early_stopping.mistakes import MISTAKES
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

STOP, TRAIN = "stop_early", "train"
# A model whose weight counts the epochs, and whose validation losses are given.
WATCHED = """
import torch

class Watched:
    def __init__(self, losses):
        self.losses, self.events = losses, []
        self.model = torch.nn.Linear(1, 2)
        with torch.no_grad():
            for weight in self.model.parameters():
                weight.fill_(-1.0)

    def train_epoch(self):
        self.events.append("train")
        with torch.no_grad():
            for weight in self.model.parameters():
                weight += 1

    def validate(self):
        self.events.append("validate")
        return self.losses[min(max(self.events.count("train") - 1, 0), len(self.losses) - 1)]

    def read(self):
        epochs = {float(value) for weight in self.model.parameters() for value in weight.detach().flatten()}
        alternating = self.events == ["train", "validate"] * (len(self.events) // 2)
        return [sorted(epochs), self.events.count("train"), alternating]

def make(losses):
    return Watched(losses)
"""
PICK = """
def make(watched, name):
    return getattr(watched, name)
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's names."""

    def train(model: Any, train_epoch: Any, validate: Any, epochs: int, patience: int) -> Any:
        return step.train_with_early_stopping(model, train_epoch, validate, epochs, patience)

    return {STOP: step.stop_early, TRAIN: train}


def train_watched(answer: Answer, losses: list[float], patience: int) -> dict[str, Any]:
    """Let an answer train a watched model, and tell what it did and which weights are left."""
    watched = answer.given(WATCHED, losses)
    model, train_epoch, validate = (answer.given(PICK, watched, name) for name in ("model", "train_epoch", "validate"))
    got = answer.call(TRAIN, model, train_epoch, validate, len(losses), patience)
    left, trained, alternating = answer.method(watched, ["read"])
    return {
        "the losses returned": name_nothing(got),
        "epochs trained": trained,
        "each epoch is trained, then validated": alternating,
        "the model has the weights of epoch": left,
    }


@st.composite
def histories(draw: st.DrawFn) -> Case:
    """Draw validation losses, often equal ones, and a patience."""
    numbers = st.integers(1, 6).map(lambda n: n / 4) | st.integers(100, 999).map(lambda n: n / 1000)
    losses = draw(st.lists(numbers, min_size=1, max_size=9))
    scale = draw(st.sampled_from([1.0, 1.0, 1e-6, 1e4]))
    return [scale * loss for loss in losses], draw(st.integers(1, 4))


EDGES: list[Case] = [
    ([0.9, 0.5, 0.6, 0.7, 0.4], 2),
    ([0.9, 0.5, 0.6, 0.7, 0.4], 3),
    ([0.5], 1),
    ([0.5, 0.5, 0.5, 0.4], 2),
    # Down, up, a new best, up again: the count begins again at the new best.
    ([0.9, 0.8, 0.85, 0.7, 0.75, 0.72, 0.6, 0.65, 0.7, 0.1], 2),
    ([0.5, 0.9, 0.8, 0.7, 0.6], 3),
    ([0.3, 0.4, 0.5, 0.6], 1),
    ([0.9, 0.8, 0.7, 0.6], 2),
    ([12.0, 11.0, 11.5, 9.0, 10.0, 9.5, 8.0], 2),
]

exercise = Exercise(
    name="early-stopping",
    title="Early stopping",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.early_stopping"],
    reference=reference,
    entries={STOP: [STOP], TRAIN: [TRAIN, "fit", "train_with_early_stopping"]},
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "which epoch to keep, and when to stop",
            STOP,
            histories(),
            edges=EDGES,
            examples=40,
            results=("the best epoch", "the last epoch"),
        ),
        Check(
            "the training, and the weights after it",
            TRAIN,
            histories(),
            observer=train_watched,
            edges=EDGES,
            examples=15,
            arguments=("what validate returns after each epoch", "patience"),
        ),
    ],
    mistakes=MISTAKES,
)
