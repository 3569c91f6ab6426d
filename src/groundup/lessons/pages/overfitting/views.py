"""What the lesson on over-fitting shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from groundup.lessons.pages.overfitting.network import NETWORK
from groundup.lessons.pages.overfitting.polynomials import HIGHEST, NEW, START, fit, follow_rule, make_features
from groundup.lessons.views import Points, Slider, Switch, View
from groundup.steps.c2_regression.regression import measure_error, predict


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
    "network": NETWORK,
}
