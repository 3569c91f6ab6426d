"""A network that learns few points by heart: of any width, on any number of points, with weight decay and dropout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.lessons.pages.overfitting.polynomials import NOISE
from groundup.lessons.views import Choice, Slider, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.training_loop import accuracy, train

STEPS, STRIDE = 400, 10
SIDE = 41
EXTENT = 3.0
WIDEST = 64


def draw_moons(count: int, seed: int) -> tuple[Float[Tensor, "batch 2"], Tensor]:
    """Return points of two half moons with noise, and their classes, 0 and 1 by turns."""
    random = np.random.default_rng(seed)
    classes = np.arange(count) % 2
    angle = random.uniform(0, np.pi, count)
    x = np.where(classes == 0, np.cos(angle), 1 - np.cos(angle)) - 0.5
    y = np.where(classes == 0, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    noisy = (np.stack([x, y], 1) + NOISE * random.standard_normal((count, 2))) * 1.3
    return torch.tensor(noisy, dtype=torch.float32), torch.tensor(classes)


def build_network(hidden: int, p: float) -> nn.Sequential:
    """Return a network with two hidden layers, each with a ReLU and dropout after it."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    features = 2
    for _ in range(2):
        layers += [Linear(features, hidden), nn.ReLU(), Dropout(p)]
        features = hidden
    return nn.Sequential(*layers, Linear(features, 2))


@cache
def make_grid() -> Float[Tensor, "place 2"]:
    """Return the places at which the border is looked for, row by row from the top."""
    line = torch.linspace(-EXTENT, EXTENT, SIDE)
    return torch.stack([line.repeat(SIDE), line.flip(0).repeat_interleave(SIDE)], 1)


def train_network(
    hidden: int = WIDEST, p: float = 0.0, points: str = "20", decay: float = 0.0
) -> Iterator[dict[str, Any]]:
    """Train a network on few points, and yield a frame every ten steps.

    Parameters
    ----------
    hidden : int
        The nodes of each of the two hidden layers.
    p : float
        The probability of dropout.
    points : str
        The number of training points; 200 others test the network.
    decay : float
        The weight decay.

    Yields
    ------
    dict
        ``points`` and ``new``: rows of x, y and class; ``surface``: (41, 41) probabilities of class 1, the top row
        first; ``training`` and ``test``: loss and accuracy (0 to 1) so far, one pair every ten steps; ``sure``: the
        probability that the network gives to its wrong answers, as a mean over the new points that have one (None
        without any), one every ten steps; ``step``.
    """
    inputs, targets = draw_moons(int(points), 1)
    new, truth = draw_moons(200, 101)
    network = build_network(int(hidden), float(p))
    optimizer = Adam(network.parameters(), learning_rate=0.003, weight_decay=decay)
    known = torch.cat([inputs, targets[:, None]], 1)
    unknown = torch.cat([new, truth[:, None]], 1)
    training: list[list[float]] = []
    test: list[list[float]] = []
    sure: list[float | None] = []
    for step in range(0, STEPS + 1, STRIDE):
        if step:
            # Each epoch is one step on all points, so the seed of the order does not matter.
            train(network, cross_entropy, optimizer, inputs, targets, STRIDE, len(inputs))
        network.eval()
        with torch.inference_mode():
            surface = network(make_grid()).softmax(1)[:, 1].reshape(SIDE, SIDE)
            training.append([float(cross_entropy(network(inputs), targets)), accuracy(network, inputs, targets)])
            scores = network(new)
            test.append([float(cross_entropy(scores, truth)), accuracy(network, new, truth)])
            chosen, answer = scores.softmax(1).max(dim=1)
            wrong = chosen[answer != truth]
            sure.append(float(wrong.mean()) if len(wrong) else None)
        yield {
            "points": known,
            "new": unknown,
            "surface": surface,
            "training": training,
            "test": test,
            "sure": sure,
            "step": step,
            "steps": STEPS,
            "stride": STRIDE,
            "says": f"After {step} steps the loss is {training[-1][0]:.3f} on training points and {test[-1][0]:.3f} "
            f"on new ones; {training[-1][1]:.0%} and {test[-1][1]:.0%} are right.",
        }


POINTS = Choice("points", "training points", "20", ("20", "50", "200"))
NETWORK = View(
    "A network that learns by heart",
    train_network,
    (Slider("hidden", "nodes per layer", WIDEST, low=1, high=WIDEST, step=1), POINTS),
    stream=True,
)
REGULARISED = View(
    "The network with weight decay and dropout",
    train_network,
    (
        Slider("decay", "weight decay λ", 0.0, low=0.0, high=30.0, step=0.5),
        Slider("p", "dropout p", 0.0, low=0.0, high=0.8, step=0.1),
        POINTS,
    ),
    stream=True,
)
