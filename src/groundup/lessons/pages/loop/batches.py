"""How examples are divided into parts and batches, and a network that learns digits batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from groundup.lessons.digits import NEW, TRAINED, VALIDATED, load_digits, make_network, shuffle
from groundup.lessons.views import Slider, Switch, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.optimisers import SGD
from groundup.steps.c4_training.training_loop import accuracy

# Of forty examples: how many train, and how many validate; the others test.
EXAMPLES, TRAINING, VALIDATION = 40, 28, 6
MOST_EPOCHS = 5


def divide(epochs: int, batch: int, shuffled: bool) -> tuple[list[list[list[int]]], list[int], list[int]]:
    """Return the batches of each epoch, and the examples that validate and those that test, all by their numbers."""
    random = torch.Generator().manual_seed(3)
    order = torch.randperm(EXAMPLES, generator=random)
    parts = order.split([TRAINING, VALIDATION, EXAMPLES - TRAINING - VALIDATION])
    training, validation, test = (part.sort().values for part in parts)
    found = []
    for _ in range(epochs):
        turn = torch.randperm(TRAINING, generator=random) if shuffled else torch.arange(TRAINING)
        found.append([rows.tolist() for rows in training[turn].split(batch)])
    return found, validation.tolist(), test.tolist()


def compute_epochs(batch: int, shuffled: bool, epoch: int) -> dict[str, Any]:
    """Divide forty examples into three parts, and those that train into batches.

    Parameters
    ----------
    batch : int
        How many examples a batch holds.
    shuffled : bool
        Whether the order is a new one in each epoch.
    epoch : int
        The epoch that is told of, from 1.

    Returns
    -------
    dict
        ``epochs``: per epoch its batches, lists of examples' numbers; ``validation`` and ``test``: numbers; ``says``.
    """
    epochs, validation, test = divide(MOST_EPOCHS, batch, shuffled)
    return {"epochs": epochs, "validation": validation, "test": test, "says": tell(epochs[epoch - 1], epoch)}


def tell(batches: list[list[int]], epoch: int) -> str:
    """Return an epoch in words."""
    count, last = len(batches), len(batches[-1])
    steps = "1 batch, so 1 step" if count == 1 else f"{count} batches, so {count} steps"
    rest = "" if last == len(batches[0]) else f"; the last one has only {last}"
    return f"Epoch {epoch}: {TRAINING} training examples make {steps}{rest}. Steps so far: {epoch * count}."


def compute_digits(rate: float, batch: int, epochs: int) -> Iterator[dict[str, Any]]:
    """Train a network 784-32-10 on digits, and yield its losses and accuracies.

    Yields
    ------
    dict
        ``losses``: rows (epochs so far, loss of a batch); ``accuracy``: rows (epochs so far, accuracy on digits that
        are not trained on, accuracy on those that are), one per epoch; ``names`` of the two; ``step``,
        ``epochs``; ``says``.
    """
    x, y = load_digits()
    model = make_network()
    optimizer = SGD(model.parameters(), rate)
    per_epoch = -(-TRAINED // batch)
    losses: list[list[float]] = []

    def measure(epoch: int) -> list[float]:
        return [epoch, accuracy(model, x[NEW], y[NEW]), accuracy(model, x[:TRAINED], y[:TRAINED])]

    shares = [measure(0)]

    def draw(step: int) -> dict[str, Any]:
        told = f"{step} steps, {step / per_epoch:.3g} epochs" if step else "Not trained yet"
        says = f"{told}: {shares[-1][1]:.1%} of {VALIDATED} new digits are right."
        names = [f"new digits {shares[-1][1]:.1%}", f"training digits {shares[-1][2]:.1%}"]
        return {"losses": losses, "accuracy": shares, "step": step, "epochs": epochs, "names": names, "says": says}

    yield draw(0)
    for step, rows in enumerate(shuffle(epochs, batch), 1):
        optimizer.zero_grad()
        loss = cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        losses.append([step / per_epoch, min(loss.item(), 1e6)])
        if step % per_epoch == 0:
            shares.append(measure(step // per_epoch))
            yield draw(step)
        elif step % max(1, per_epoch // 16) == 0:
            yield draw(step)


EPOCHS = View(
    "Forty examples: three parts, batches and epochs",
    compute_epochs,
    (
        Slider("batch", "examples per batch", 8, low=1, high=TRAINING, step=1),
        Switch("shuffled", "shuffled", True),
        Slider("epoch", "epoch", 1, low=1, high=MOST_EPOCHS, step=1, plays=True),
    ),
)
DIGITS = View(
    "A network learns handwritten digits",
    compute_digits,
    (
        Slider("rate", "learning rate α", 0.1, low=0.0003, high=3.0, step=0.0001, log=True),
        Slider("batch", "examples per batch", 32, low=1, high=1000, step=1, log=True),
        Slider("epochs", "epochs", 3, low=1, high=10, step=1),
    ),
    stream=True,
    lazy=True,
)
