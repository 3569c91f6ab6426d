"""Evaluation: how often a classifier is right, and in which mode it is asked."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.evaluation.mistakes import ACCURACY, MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise

# A model whose scores are its inputs; it drops, and tells in which mode and with which gradients it was asked.
MODEL = """
import torch

class Model(torch.nn.Module):
    def __init__(self, noise, shape):
        super().__init__()
        self.noise, self.shape = noise, shape
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.asked_in_training = False
        self.kept_gradients = False

    def forward(self, x):
        if tuple(x.shape[1:]) != self.shape:
            raise ValueError(f"examples of shape {self.shape} are expected")
        self.asked_in_training |= self.training
        x = x.flatten(1)
        scores = x * self.scale
        self.kept_gradients |= scores.requires_grad
        return scores + self.noise * torch.randn_like(x) if self.training else scores

    def list_observed(self):
        return [self.asked_in_training, self.kept_gradients, self.training]

def make(noise, *shape):
    return Model(noise, shape)
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"accuracy": step.accuracy}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw scores without ties, and labels."""
    import torch

    rows, classes = draw(st.integers(1, 6)), draw(st.integers(2, 5))
    scores = [draw(st.permutations(range(-1, classes - 1))) for _ in range(rows)]
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return torch.tensor(scores, dtype=torch.float32), torch.tensor(labels), draw(SEEDS)


def ask(answer: Answer, scores: Any, labels: Any, seed: int) -> float | str:
    """Return the accuracy of a model that gives these scores."""
    model = answer.given(MODEL, 50.0, *scores.shape[1:])
    return read_share(answer.call(ACCURACY, model, scores, labels, seed=seed))


def read_share(result: Any) -> float | str:
    """Return the share as a number, or how many numbers there are instead of one."""
    several = isinstance(result, list | tuple) or hasattr(result, "shape")
    count = np.size(to_plain(result)) if several else 1
    return float(result) if count == 1 else f"{count} numbers instead of one"


def ask_about_pictures(answer: Answer, scores: Any, labels: Any, seed: int) -> dict[str, float | str]:
    """Return the accuracy of models of which one takes rows, the other pictures of one colour and one line."""
    rows = answer.given(MODEL, 50.0, *scores.shape[1:])
    pictures = answer.given(MODEL, 50.0, 1, 1, scores.shape[1])
    return {
        "a model of rows": float(answer.call(ACCURACY, rows, scores, labels, seed=seed)),
        "a model of pictures": try_to_ask(answer, pictures, scores[:, None, None], labels, seed),
    }


def try_to_ask(answer: Answer, model: Any, inputs: Any, labels: Any, seed: int) -> float | str:
    """Return the accuracy, or which error comes of it."""
    try:
        return float(answer.call(ACCURACY, model, inputs, labels, seed=seed))
    except AnswerRaised as raised:
        return f"an error: {raised.kind}"


def look_at_mode(answer: Answer, scores: Any, labels: Any, seed: int) -> dict[str, Any]:
    """Tell in which mode the model was asked and left, and whether gradients were kept; handed over in either mode."""
    told = {}
    for training, words in ((True, "handed over in training mode"), (False, "handed over in evaluation mode")):
        model = answer.given(MODEL, 0.0, *scores.shape[1:])
        answer.mode(model, training)
        answer.call(ACCURACY, model, scores, labels, seed=seed)
        asked_in_training, kept, after = answer.method(model, ["list_observed"])
        told[words] = {
            "asked in": "training mode" if asked_in_training else "evaluation mode",
            "gradients": "kept" if kept else "not kept",
            "left in": "training mode" if after else "evaluation mode",
        }
    return told


def sizes(scores: Any, labels: Any, seed: int) -> dict[str, int]:
    """Return the number of examples and of classes."""
    return {"N": scores.shape[0], "C": scores.shape[1]}


SHOWN = ("the model's scores", "labels", "seed")


def worked() -> Case:
    """Return the example of the statement."""
    import torch

    scores = torch.tensor([[0.1, 2.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 1.0], [5.0, 4.0, 3.0]])
    return scores, torch.tensor([1, 0, 1, 0]), 0


def many(count: int, wrong: int) -> Case:
    """Return so many examples, of which the first ones are answered wrongly: batches of any usual size leave some over."""
    import torch

    labels = torch.arange(count) % 3
    scores = torch.nn.functional.one_hot((labels + (torch.arange(count) < wrong)) % 3, 3).float()
    return 2 * scores - 0.5, labels, 0


exercise = Exercise(
    name="evaluation",
    title="Evaluation",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.training_loop"],
    reference=reference,
    entries={ACCURACY: [ACCURACY, "evaluate"]},
    rounding=4,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Check(
            "the share of right answers",
            ACCURACY,
            cases(),
            observer=ask,
            arguments=SHOWN,
            edges=[worked(), many(179, 120), many(171, 150)],
            examples=25,
        ),
        Check(
            "models that take pictures",
            ACCURACY,
            cases(),
            observer=ask_about_pictures,
            arguments=SHOWN,
            edges=[worked()],
            examples=2,
        ),
        Check("how the model is asked", ACCURACY, cases(), observer=look_at_mode, arguments=SHOWN, examples=2),
    ],
    mistakes=MISTAKES,
)
