"""What the lesson on over-fitting shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c2_regression.regression import measure_error, predict
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.dropout import Dropout, dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.training_loop import accuracy, train

NOISE = 0.35
HIGHEST = 9
STEPS, STRIDE = 400, 10
SIDE = 41
EXTENT = 3.0
NODES = 10


def follow_rule(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return what the examples are made by: a wave with noise."""
    return np.sin(4.4 * x) + NOISE * random.standard_normal(len(x))


def _draw_examples() -> tuple[tuple[tuple[float, ...], ...], np.ndarray]:
    """Return ten points to fit, and a hundred new ones of the same rule, shape (100, 2)."""
    random = np.random.default_rng(2)
    x = np.linspace(-0.95, 0.95, 10)
    points = np.round(np.stack([x, follow_rule(x, random)], 1), 2)
    new = random.uniform(-1, 1, 100)
    return tuple(map(tuple, points.tolist())), np.stack([new, follow_rule(new, random)], 1)


START, NEW = _draw_examples()


def fit(points: Float[np.ndarray, "batch 2"], degree: int) -> Float[np.ndarray, " feature"]:
    """Return the weights of the polynomial with the smallest error on some points.

    The features are Legendre polynomials up to the degree. They span the same curves as the powers 1, x, x², …, and
    the computer can solve for their weights exactly. Of several equally good curves the one with the smallest weights
    is taken.
    """
    weights: np.ndarray = np.linalg.lstsq(make_features(points[:, 0], degree), points[:, 1], rcond=None)[0]
    return weights


def make_features(x: Float[np.ndarray, " batch"], degree: int) -> Float[np.ndarray, "batch feature"]:
    """Return one row of features per example: the Legendre polynomials of x up to a degree."""
    return np.polynomial.legendre.legvander(x, degree)


def compute_polynomial(points: Sequence[Sequence[float]], degree: int, more: bool) -> dict[str, Any]:
    """Fit polynomials to points.

    Parameters
    ----------
    points : sequence of pairs
        x and y of each training point.
    degree : int
        0 to 9: the degree that is told of.
    more : bool
        Whether ninety more points of the same rule are added.

    Returns
    -------
    dict
        ``points``, ``extra`` and ``new``: arrays (count, 2). For each degree from 0 to 9: ``curves``, its height at
        each ``x``, array (10, 161); ``fitted``, its height at each point; ``training`` and ``test``, its errors.
        ``best``: the degree with the smallest error on new points.
    """
    known = np.array(points, dtype=float).reshape(-1, 2)
    random = np.random.default_rng(5)
    x = random.uniform(-1, 1, 90 if more else 0)
    extra = np.stack([x, follow_rule(x, random)], 1)
    examples = np.concatenate([known, extra])
    across = np.linspace(-1, 1, 161)
    training, test, curves, fitted = [], [], [], []
    for tried in range(HIGHEST + 1):
        weights = fit(examples, tried)
        training.append(measure_error(predict(make_features(examples[:, 0], tried), weights), examples[:, 1]))
        test.append(measure_error(predict(make_features(NEW[:, 0], tried), weights), NEW[:, 1]))
        curves.append(predict(make_features(across, tried), weights))
        fitted.append(predict(make_features(known[:, 0], tried), weights))
    best = int(np.argmin(test))
    return {
        "points": known,
        "extra": extra,
        "new": NEW,
        "x": across,
        "curves": np.stack(curves),
        "fitted": np.stack(fitted),
        "training": training,
        "test": test,
        "best": best,
        "says": f"Degree {degree}: the training error is {training[degree]:.2f}, the test error {test[degree]:.2f}.",
    }


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


def train_network(hidden: int, p: float, points: int) -> Iterator[dict[str, Any]]:
    """Train a network on few points, and yield a frame every ten steps.

    Parameters
    ----------
    hidden : int
        The nodes of each of the two hidden layers.
    p : float
        The probability of dropout.
    points : int
        The number of training points; 200 others test the network.

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
    optimizer = Adam(network.parameters(), learning_rate=0.003)
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


def compute_dropout(p: float, draw: int, training: bool) -> dict[str, Any]:
    """Drop nodes at random, again and again.

    Parameters
    ----------
    p : float
        The probability that a node is dropped.
    draw : int
        How many masks have been drawn, this one included.
    training : bool
        Whether the network is in training mode.

    Returns
    -------
    dict
        ``before``: the ten nodes' values; ``after``: what the next layer gets; ``means``: each node's mean over all
        draws so far; ``origins``: where the values of the nodes that are not dropped come from.
    """
    before = torch.linspace(0.2, 2.0, NODES)
    torch.manual_seed(5)  # the first mask drops half of the nodes
    draws = torch.stack([dropout(before, p, training) for _ in range(draw)])
    after = draws[-1]
    off = int((after == 0).sum())
    factor = 1 / (1 - p) if training else 1.0
    kept = Factor("1 − p", 1 - p if training else 1.0, over=True)
    origins = {
        f"node{node}": trace_sum(f"node {node + 1}", float(after[node]), [Factor("its value", float(value)), kept])
        for node, value in enumerate(before)
        if after[node]
    }
    text = (
        f"{off} of {NODES} nodes are 0, the others are multiplied by {1 / (1 - p):.2f}."
        if training
        else "In evaluation mode no node is dropped or rescaled."
    )
    return {
        "before": before,
        "after": after,
        "means": draws.mean(0),
        "factor": factor,
        "origins": origins,
        "draws": draw,
        "says": text,
    }


VIEWS = {
    "polynomial": View(
        "A polynomial through ten points",
        compute_polynomial,
        (
            Points("points", "training points", START),
            Slider("degree", "degree", 3, low=0, high=HIGHEST, step=1, plays=True),
            Switch("more", "ninety more points", False),
        ),
    ),
    "network": View(
        "A network that learns by heart",
        train_network,
        (
            Slider("hidden", "nodes per layer", 64, low=1, high=64, step=1),
            Slider("p", "dropout p", 0.0, low=0.0, high=0.8, step=0.1),
            Choice("points", "training points", "20", ("20", "50", "200")),
        ),
        stream=True,
    ),
    "dropout": View(
        "Ten nodes under dropout",
        compute_dropout,
        (
            Slider("p", "dropout p", 0.5, low=0.0, high=0.9, step=0.05),
            Slider("draw", "draw", 1, low=1, high=100, step=1, plays=True),
            Switch("training", "training mode", True),
        ),
    ),
}
