"""Evaluation: how often a classifier is right, and in which mode it is asked."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

# A model whose scores are its inputs; it drops, and tells in which mode and with which gradients it was asked.
MODEL = """
import torch

class Model(torch.nn.Module):
    def __init__(self, noise):
        super().__init__()
        self.noise = noise
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.asked_in_training = False
        self.kept_gradients = False

    def forward(self, x):
        self.asked_in_training |= self.training
        scores = x * self.scale
        self.kept_gradients |= scores.requires_grad
        return scores + self.noise * torch.randn_like(x) if self.training else scores

    def tell(self):
        return [self.asked_in_training, self.kept_gradients, self.training]

def make(noise):
    return Model(noise)
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


def ask(answer: Answer, scores: Any, labels: Any, seed: int) -> float:
    """Return the accuracy of a model that gives these scores."""
    model = answer.given(MODEL, 50.0)
    return float(answer.call("accuracy", model, scores, labels, seed=seed))


def look_at_mode(answer: Answer, scores: Any, labels: Any, seed: int) -> dict[str, Any]:
    """Tell in which mode the model was asked and left, and whether gradients were kept."""
    model = answer.given(MODEL, 0.0)
    answer.mode(model, True)
    answer.call("accuracy", model, scores, labels, seed=seed)
    training, gradients, after = answer.method(model, ["tell"])
    return {"asked in training mode": training, "gradients kept": gradients, "left in training mode": after}


def sizes(scores: Any, labels: Any, seed: int) -> dict[str, int]:
    """Return the number of examples and of classes."""
    return {"N": scores.shape[0], "C": scores.shape[1]}


ACCURACY, SHOWN = "accuracy", ("the model's scores", "labels", "seed")
RIGHT = "(model(inputs).argmax(dim=1) == targets).float().mean().item()"

exercise = Exercise(
    name="evaluation",
    title="Evaluation",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.training_loop"],
    reference=reference,
    entries={ACCURACY: [ACCURACY, "evaluate"]},
    rounding=4,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    after=["digits-network"],
    checks=[
        Check("the share of right answers", ACCURACY, cases(), observe=ask, arguments=SHOWN, examples=25),
        Check("how the model is asked", ACCURACY, cases(), observe=look_at_mode, arguments=SHOWN, examples=2),
    ],
    mistakes=[
        Mistake(
            "counted, not averaged",
            "You return how many are right: divide by the N = {N} examples.",
            [Edit(".float().mean()", ".float().sum()", ACCURACY)],
        ),
        Mistake(
            "in percent",
            "You return percent: a share lies between 0 and 1.",
            [Edit(".float().mean()", ".float().mean().mul(100)", ACCURACY)],
        ),
        Mistake(
            "the share of wrong answers",
            "You return the share of wrong answers.",
            [Edit("== targets", "!= targets", ACCURACY)],
        ),
        Mistake(
            "the lowest score chosen",
            "You take the class of the lowest score: the highest one is the answer.",
            [Edit("argmax(dim=1)", "argmin(dim=1)", ACCURACY)],
        ),
        Mistake(
            "arg-max over the examples",
            "You look for the best example of each class. For each example, it is the best of the C = {C} classes: dimension 1.",
            [Edit("argmax(dim=1)", "argmax(dim=0)", ACCURACY)],
        ),
        Mistake(
            "asked in training mode",
            "You ask the model in training mode, where dropout is on: call model.eval() first.",
            [Edit("model.eval()", "model.train()", ACCURACY)],
        ),
        Mistake(
            "gradients kept",
            "You let PyTorch keep what gradients would need. eval() does not switch that off: torch.inference_mode() or no_grad() does.",
            [Edit("with torch.inference_mode():", "with torch.enable_grad():", ACCURACY)],
        ),
        Mistake(
            "left in evaluation mode",
            "You leave the model in evaluation mode although it was in training: whoever trains on then trains without dropout.",
            [Edit("model.train(was_training)", "model.eval()", ACCURACY)],
        ),
        Mistake(
            "classes counted from 1",
            "You count the classes from 1: arg-max counts from 0, as the labels do.",
            [Edit("argmax(dim=1) ==", "argmax(dim=1) + 1 ==", ACCURACY)],
        ),
        Mistake(
            "only the first example",
            "You look at the first example only.",
            [Edit("== targets)", "== targets)[:1]", ACCURACY)],
        ),
    ],
)
