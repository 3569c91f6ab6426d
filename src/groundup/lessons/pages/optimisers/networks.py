"""Three optimizers train the same network on the same digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from groundup.lessons.digits import NEW, VALIDATED, load_digits, make_network, shuffle
from groundup.lessons.pages.optimisers.racing import KEPT
from groundup.lessons.views import Slider, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.optimisers import SGD, Adam
from groundup.steps.c4_training.training_loop import accuracy

BATCH, STRIDE = 32, 4


def train_networks(plain: float, momentum: float, adam: float, epochs: int) -> Iterator[dict[str, Any]]:
    """Train the network 784-32-10 three times side by side, each with an optimizer of its own.

    Parameters
    ----------
    plain, momentum, adam : float
        Their learning rates.
    epochs : int
        How many passes over 1,000 digits.

    Yields
    ------
    dict
        ``losses``: three lists, one number per step so far; ``right``: three accuracies on digits that are not trained
        on; ``known``: those on the training digits; ``step``, ``steps``; ``says``.
    """
    x, y = load_digits()
    models = [make_network() for _ in range(3)]
    optimizers: list[SGD | Adam] = [
        SGD(models[0].parameters(), plain),
        SGD(models[1].parameters(), momentum, momentum=KEPT),
        Adam(models[2].parameters(), adam),
    ]
    batches = shuffle(epochs, BATCH)
    losses: list[list[float]] = [[], [], []]

    def draw() -> dict[str, Any]:
        step = len(losses[0])
        right = [accuracy(model, x[NEW], y[NEW]) for model in models]
        told = f"Step {step} of {len(batches)}" if step else "Not trained yet"
        words = ", ".join(f"{name} {share:.1%}" for name, share in zip(NAMES, right, strict=True))
        return {
            "losses": losses,
            "right": right,
            "step": step,
            "steps": len(batches),
            "says": f"{told}. Right of {VALIDATED} new digits: {words}.",
        }

    yield draw()
    for step, rows in enumerate(batches, 1):
        for model, optimizer, kept in zip(models, optimizers, losses, strict=True):
            optimizer.zero_grad()
            loss = cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            kept.append(min(loss.item(), 1e6))
        if step % STRIDE == 0 or step == len(batches):
            yield draw()


def _rate(name: str, label: str, value: float) -> Slider:
    return Slider(name, label, value, low=0.0003, high=3.0, step=0.0001, log=True)


NAMES = ("plain descent", "momentum", "Adam")
NETWORKS = View(
    "Three optimizers learn the same digits",
    train_networks,
    (
        _rate("plain", "plain descent α", 0.01),
        _rate("momentum", "momentum α", 0.01),
        _rate("adam", "Adam α", 0.01),
        Slider("epochs", "epochs", 3, low=1, high=10, step=1),
    ),
    stream=True,
    lazy=True,
)
