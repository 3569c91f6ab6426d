"""The training loop with one of its lines taken out: what is left of the step's own code really runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import vmap

from groundup.lessons.sliders import AlongSliders, SideBySide, SideBySideSGD
from groundup.lessons.views import Choice, Slider, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training import training_loop
from groundup.steps.c4_training.network import Network
from groundup.steps.c4_training.optimisers import SGD

EXAMPLES, BATCH, EPOCHS = 48, 8, 10
STEPS = EPOCHS * EXAMPLES // BATCH
# The first steps are shown line by line, the others as a whole.
SLOW_STEPS, LINES = 2, 5
TICKS = SLOW_STEPS * LINES + STEPS - SLOW_STEPS
# What may be taken out: the line of the step's code, and what stands there instead.
REMOVED = {
    "nothing": ("", ""),
    "optimizer.zero_grad()": ("            optimizer.zero_grad()\n", ""),
    "prediction = model(…)": ("            prediction = model(inputs[batch])\n", ""),
    "loss = loss_function(…)": ("            loss = loss_function(prediction, targets[batch])\n", ""),
    "loss.backward()": ("            loss.backward()\n", ""),
    "optimizer.step()": ("            optimizer.step()\n", ""),
    "the shuffling": ("torch.randperm(len(inputs), generator=order)", "torch.arange(len(inputs))"),
}
LEFT, CLEARED = ("prediction", "gradients", "weights"), ("before", "cleared")
TENSORS = (*LEFT, *CLEARED)
# What makes trainings fly apart.
ROUGH = ("optimizer.zero_grad()",)


@dataclass
class Record:
    """What one step of training left behind: the tensors after each of its lines."""

    before: Tensor
    cleared: Tensor
    prediction: Tensor | None = None
    loss: Tensor | None = None
    gradients: Tensor | None = None
    weights: Tensor | None = None


class Watched:
    """An optimizer that writes down weights and gradients around its two methods.

    Parameters
    ----------
    first : Tensor
        The weights of the first layer.
    inside : object
        The optimizer itself.
    loss_function : callable
        Returns a loss, or one per model where models train side by side.
    """

    def __init__(self, first: Tensor, inside: Any, loss_function: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.first, self.inside, self.loss_function = first, inside, loss_function
        self.records: list[Record] = []

    @property
    def gradient(self) -> Tensor:
        """The stored gradient of the first layer's weights; zeros where there is none."""
        held = self.first.grad
        return torch.zeros_like(self.first) if held is None else held.clone()

    def zero_grad(self) -> None:
        """Clear the gradients."""
        before = self.gradient
        self.inside.zero_grad()
        self.records.append(Record(before, self.gradient))

    def note(self, prediction: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, and write down what it is made of."""
        if not self.records or self.records[-1].loss is not None:
            self.records.append(Record(self.gradient, self.gradient))
        losses = self.loss_function(prediction, targets)
        record = self.records[-1]
        record.prediction, record.loss = prediction.detach(), losses.detach()
        return losses.sum()

    def step(self) -> None:
        """Change the weights."""
        self.records[-1].gradients = self.gradient
        self.inside.step()
        self.records[-1].weights = self.first.detach().clone()


@dataclass(frozen=True)
class Trained:
    """A training.

    Attributes
    ----------
    kept : dict
        A tensor of all steps, or None, for each tensor of a `Record`.
    losses : list of float
        One per step that was completed.
    parameters : dict
        Those of the network at the end.
    error : str
        What Python said, or nothing.
    """

    kept: dict[str, Tensor | None]
    losses: list[float]
    parameters: dict[str, Tensor]
    error: str


def make_examples() -> tuple[Tensor, Tensor]:
    """Return points at the corners of a square and their classes, sorted by class."""
    random = np.random.default_rng(0)
    corner = np.arange(EXAMPLES) % 4
    centre = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]])[corner]
    label = (corner >= 2).astype(int)
    points = (centre + random.normal(0, 0.35, (EXAMPLES, 2)))[np.argsort(label, kind="stable")]
    return torch.tensor(points, dtype=torch.float32), torch.tensor(np.sort(label))


@cache
def read_step() -> str:
    """Return the source of the step's `train`."""
    return inspect.getsource(training_loop.train)


@cache
def compile_without(removed: str) -> CodeType:
    """Return the step's own `train` with a line taken out, ready to run."""
    return compile(read_step().replace(*REMOVED[removed]), "train", "exec")


def make_network() -> Network:
    """Return the network before its training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Network([2, 8, 2])


def run_without(removed: str, model: nn.Module, optimizer: Watched) -> str:
    """Run the step's own `train` with a line taken out; return what Python says if it stops."""
    names = dict(vars(training_loop))
    exec(compile_without(removed), names)
    try:
        names["train"](model, optimizer.note, optimizer, *make_examples(), epochs=EPOCHS, batch_size=BATCH)
    except NameError as failure:
        return f"{type(failure).__name__}: {failure}"
    return ""


def train_without(removed: str, rate: float) -> Trained:
    """Train with a line taken out."""
    model = make_network()
    optimizer = Watched(next(model.parameters()), SGD(model.parameters(), rate), cross_entropy)
    error = run_without(removed, model, optimizer)
    kept = {name: stack(optimizer.records, name) for name in TENSORS}
    losses = [float(record.loss) for record in optimizer.records if record.loss is not None]
    return Trained(kept, losses, dict(model.state_dict()), error)


def train_all_without(places: list[dict[str, Any]]) -> list[Trained]:
    """Train with the same line taken out, side by side with the learning rate of each place.

    Without `zero_grad` the least rounding decides where a training ends, which is another one side by side: those train
    one by one, and only when they are asked for.
    """
    removed, rates = places[0]["removed"], [place["rate"] for place in places]
    model = SideBySide(make_network(), len(places))
    inside = SideBySideSGD([*model.stacked.values()], rates)
    optimizer = Watched(inside.parameters[0], inside, vmap(cross_entropy, (0, None)))
    error = run_without(removed, model, optimizer)
    kept = {name: stack(optimizer.records, name) for name in TENSORS}
    losses = stack([record for record in optimizer.records if record.loss is not None], "loss")
    ends = {name: parameter.detach() for name, parameter in model.stacked.items()}
    return [
        Trained(
            {name: None if all_steps is None else all_steps[:, which] for name, all_steps in kept.items()},
            [] if losses is None else losses[:, which].tolist(),
            {name: parameter[which] for name, parameter in ends.items()},
            error,
        )
        for which in range(len(places))
    ]


def stack(records: Sequence[Record], name: str) -> Tensor | None:
    """Return a tensor of all steps as one; None where a step has none."""
    found = [getattr(record, name) for record in records]
    return torch.stack(found) if found and all(one is not None for one in found) else None


def find_training(removed: str, rate: float) -> Trained:
    """Return the training with a line taken out, kept if the hand has been near."""
    return (ALONE if removed in ROUGH else TRAININGS).find(removed=removed, rate=rate)


def measure_right(trained: Trained) -> float:
    """Return the share of right examples after a training."""
    model = make_network()
    model.load_state_dict(trained.parameters)
    return training_loop.accuracy(model, *make_examples())


def compute_loop(removed: str, rate: float, tick: int) -> dict[str, Any]:  # noqa: ARG001 - only the page needs it
    """Return a training with a line taken out, beside the complete one.

    Returns
    -------
    dict
        ``code``: the five lines; ``missing``: the number of the one that is out, or None; ``whole`` and
        ``losses``: the loss of every step; ``epochs``: the means of ``losses``; ``error``; ``right``; ``records``:
        the tensors of the steps (``prediction``, ``gradients``, ``weights``, and of the first steps ``before`` and
        ``cleared``), each a list with one per step, or None where the loop without the line has none; ``per_epoch``;
        ``says``.
    """
    trained, whole = find_training(removed, rate), find_training("nothing", rate).losses
    losses, error, right = trained.losses, trained.error, measure_right(trained)
    code = [line.strip() for line in read_step().splitlines()]
    start = code.index("optimizer.zero_grad()")
    five = code[start : start + LINES]
    gone = REMOVED[removed][0].strip()
    per_epoch = STEPS // EPOCHS
    means = [float(np.mean(losses[place : place + per_epoch])) for place in range(0, len(losses), per_epoch)]
    if error:
        says = f"Python stops in the first step: {error}."
    else:
        told = "The complete loop" if removed == "nothing" else f"Without {removed.replace('the ', '')}"
        says = f"{told}: the mean loss goes from {means[0]:.3f} in epoch 1 to {means[-1]:.3f} in epoch {EPOCHS}; "
        says += f"{right:.0%} of the examples are right."
    return {
        "code": five,
        "missing": five.index(gone) if gone in five else None,
        "shuffled": removed != "the shuffling",
        "whole": whole,
        "losses": losses,
        "epochs": means,
        "error": error,
        "right": right,
        "records": {
            **{name: trained.kept[name] for name in LEFT},
            # Only the first steps are shown line by line.
            **{name: None if (kept := trained.kept[name]) is None else kept[:SLOW_STEPS] for name in CLEARED},
        },
        "per_epoch": per_epoch,
        "says": says,
    }


RATE = Slider("rate", "learning rate α", 0.3, low=0.01, high=1.0, step=0.01, log=True)
TRAININGS = AlongSliders(train_without, train_all_without, [RATE])
ALONE = AlongSliders(train_without, train_all_without, [])
LOOP = View(
    "The training loop, with one line taken out",
    compute_loop,
    (
        Choice("removed", "take out", "nothing", tuple(REMOVED)),
        RATE,
        Slider("tick", "moment", 0, low=0, high=TICKS, step=1, plays=True, hidden=True),
    ),
)
