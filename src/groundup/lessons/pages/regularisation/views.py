"""What the lesson on regularization shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.overfitting.network import REGULARISED
from groundup.lessons.pages.overfitting.polynomials import HIGHEST, NEW, START, fit, make_features
from groundup.lessons.views import Points, Slider, Switch, View
from groundup.steps.c2_regression.regression import measure_error, predict
from groundup.steps.c4_training.dropout import dropout

NODES = 10
STRENGTHS = np.geomspace(1e-5, 10, 49)


def compute_decay(points: Sequence[Sequence[float]], decay: float) -> dict[str, Any]:
    """Fit the polynomial of the highest degree with weight decay.

    Parameters
    ----------
    points : sequence of pairs
        x and y of each training point.
    decay : float
        λ, the strength that is told of.

    Returns
    -------
    dict
        ``points`` and ``new``: arrays (count, 2). ``x`` and ``curve``; ``fitted``, its height at each point;
        ``training`` and ``test``: its errors. ``strengths``, and for each of them ``all_training`` and ``all_test``.
        ``weights``, and ``free``, those without decay; ``squares`` and ``free_squares``, their sums of squares.
        ``says``.
    """
    known = np.array(points, dtype=float).reshape(-1, 2)

    def measure(weights: np.ndarray) -> list[float]:
        return [measure_error(predict(make_features(xy[:, 0], HIGHEST), weights), xy[:, 1]) for xy in (known, NEW)]

    weights, free = fit(known, HIGHEST, decay), fit(known, HIGHEST)
    training, test = measure(weights)
    all_errors = np.array([measure(fit(known, HIGHEST, strength)) for strength in STRENGTHS])
    across = np.linspace(-1, 1, 161)
    squares, free_squares = (float((found**2).sum()) for found in (weights, free))
    return {
        "points": known,
        "new": NEW,
        "x": across,
        "curve": predict(make_features(across, HIGHEST), weights),
        "fitted": predict(make_features(known[:, 0], HIGHEST), weights),
        "training": training,
        "test": test,
        "strengths": STRENGTHS,
        "all_training": all_errors[:, 0],
        "all_test": all_errors[:, 1],
        "weights": weights,
        "free": free,
        "squares": squares,
        "free_squares": free_squares,
        "says": f"λ = {decay:.2g}: the training error is {training:.2f}, the error on new examples {test:.2f}. The "
        f"squares of the weights add up to {squares:.3g}, without decay to {free_squares:.3g}.",
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
    "decay": View(
        "A polynomial of degree 9 with weight decay",
        compute_decay,
        (
            Points("points", "training points", START),
            Slider("decay", "weight decay λ", 1e-5, low=1e-5, high=10.0, step=1e-5, log=True),
        ),
    ),
    "network": REGULARISED,
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
