"""What the views of classification show: a border between tumours, a line against a curve, the price of mistakes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from groundup.data.tables.tumours import load_tumours
from groundup.lessons.origins import MOST_TERMS, Factor, trace_sum
from groundup.lessons.views import Choice, Slider, View
from groundup.models import newton
from groundup.steps.c2_regression import logistic, regression

PAIRS = {
    "radius and texture": ("mean radius", "mean texture"),
    "radius and concave points": ("mean radius", "mean concave points"),
    "texture and smoothness": ("mean texture", "mean smoothness"),
}
WORDS = ("radius, texture", "radius, concave points", "texture, smoothness")
RATE = 1.0
MOST_STEPS = 200
# What each cell of the confusion matrix is called, and what is in it.
COUNTS = {
    "found": ("found", "malignant, p ≥ {}"),
    "overlooked": ("overlooked", "malignant, p < {}"),
    "alarms": ("false alarms", "benign, p ≥ {}"),
    "cleared": ("cleared", "benign, p < {}"),
}
THRESHOLDS = np.round(np.arange(0.02, 0.981, 0.01), 2)
RADII = np.linspace(5.0, 62.0, 115)
SCORES = np.linspace(-8.0, 8.0, 161)


@lru_cache(maxsize=1)
def read_tumours() -> tuple[dict[str, Float[np.ndarray, " patient"]], Float[np.ndarray, " patient"]]:
    """Return the measurements by name, and 1 for malignant, 0 for benign."""
    columns, malignant = load_tumours()
    return columns, malignant.astype(float)


@lru_cache(maxsize=256)
def train_border(features: str, steps: int) -> tuple[Float[np.ndarray, " feature"], float]:
    """Return the weights and the bias of a neuron after so many steps on two standardized measurements."""
    columns, truth = read_tumours()
    table = np.stack([columns[name] for name in PAIRS[features]], axis=1)
    return logistic.train((table - table.mean(0)) / table.std(0), truth, steps, RATE)


def count_cases(called: np.ndarray, truth: np.ndarray) -> dict[str, int]:
    """Return the confusion matrix of two classes.

    Examples
    --------
    >>> count_cases(np.array([True, False, True]), np.array([1.0, 1.0, 0.0]))
    {'found': 1, 'overlooked': 1, 'alarms': 1, 'cleared': 0}
    """
    sick = truth == 1
    return {
        "found": int(np.sum(called & sick)),
        "overlooked": int(np.sum(~called & sick)),
        "alarms": int(np.sum(called & ~sick)),
        "cleared": int(np.sum(~called & ~sick)),
    }


def trace_counts(
    called: Float[np.ndarray, " patient"],
    truth: Float[np.ndarray, " patient"],
    probabilities: Float[np.ndarray, " patient"],
    threshold: float,
) -> dict[str, Any]:
    """Return which tumours each of the four counts counts, and the shares that are computed from the counts.

    Returns
    -------
    dict
        ``cells``: for each tumour the name of the count that it is in; ``accuracy``, ``precision`` and ``recall``,
        ``None`` where they divide by 0; ``origins``: where these and the counts come from.
    """
    cells = np.where(truth == 1, np.where(called, "found", "overlooked"), np.where(called, "alarms", "cleared"))
    away = np.abs(probabilities - threshold)
    origins: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for key, (name, rule) in COUNTS.items():
        places = np.flatnonzero(cells == key)
        counts[key] = len(places)
        # Those nearest to the threshold are named: they change sides first.
        near = places[np.argsort(away[places], kind="stable")]
        named = near if len(near) <= MOST_TERMS else near[: MOST_TERMS - 1]
        terms = [[Factor(f"tumour {place + 1}, p = {probabilities[place]:.3f}", 1.0, f"t{place}")] for place in named]
        if others := len(near) - len(named):
            terms.append([Factor(f"the other {others}", float(others))])
        title = f"{name} ({rule.format(write(threshold))})"
        origins[key] = trace_sum(title, len(near), *terms or [[Factor("none", 0.0)]])
    parts = {key: Factor(COUNTS[key][0], float(count), key) for key, count in counts.items()}
    wholes = {
        "all": ("all tumours", tuple(COUNTS)),
        "called": ("called malignant", ("found", "alarms")),
        "sick": ("really malignant", ("found", "overlooked")),
    }
    shares: dict[str, float | None] = {}
    for name, tops, whole in (
        ("accuracy", ("found", "cleared"), "all"),
        ("precision", ("found",), "called"),
        ("recall", ("found",), "sick"),
    ):
        label, members = wholes[whole]
        total = sum(counts[key] for key in members)
        shares[name] = sum(counts[key] for key in tops) / total if total else None
        if total:
            below = Factor(label, float(total), whole, over=True)
            origins[name] = trace_sum(name, float(shares[name] or 0), *([parts[key], below] for key in tops))
            origins[whole] = trace_sum(label, total, *([parts[key]] for key in members))
    return {"cells": cells, **shares, "origins": origins}


def write(number: float) -> str:
    """Return a number as it is written in a picture."""
    return f"{number:.4g}".replace("-", "−")


def compute_border(features: str, steps: int, threshold: float) -> dict[str, Any]:
    """Return a neuron's border over two measurements of 569 tumours.

    Returns
    -------
    dict
        ``points``, one row (first, second, class, score z, probability p) per patient; ``names`` and ``ranges`` of both
        measurements; ``border``, two points, or none before training; ``rail``, one row (threshold, first, second) per
        threshold: where the border crosses the line at a right angle to it through the middle; ``curve``, the
        sigmoid; ``z``: the score of the threshold; the four counts, and what `trace_counts` returns; ``weights``,
        ``bias``, ``loss``, ``right``; ``says``.
    """
    columns, truth = read_tumours()
    names = PAIRS[features]
    table = np.stack([columns[name] for name in names], axis=1)
    mean, spread = table.mean(0), table.std(0)
    X = (table - mean) / spread
    weights, bias = train_border(features, steps)
    scores = X @ weights + bias
    probabilities = logistic.predict(X, weights, bias)
    called = probabilities >= threshold
    counts = count_cases(called, truth)
    right = (counts["found"] + counts["cleared"]) / len(truth)
    length = float(np.hypot(*weights))
    border: list[Any] = []
    rail: list[Any] = []
    if length > 0:
        # Along the normal through the middle the score grows by `length` per unit.
        normal = weights / length
        away = (np.log(THRESHOLDS / (1 - THRESHOLDS)) - bias) / length
        rail = np.c_[THRESHOLDS, mean + spread * np.outer(away, normal)].tolist()
        here = (np.log(threshold / (1 - threshold)) - bias) / length * normal
        along = np.array([-normal[1], normal[0]]) * 12
        border = [(mean + spread * (here + side * along)).tolist() for side in (-1, 1)]
    return {
        "points": np.c_[table, truth, scores, probabilities],
        "names": [f"{name} of the nuclei" for name in names],
        "ranges": [
            [float(part.min() - 0.04 * np.ptp(part)), float(part.max() + 0.04 * np.ptp(part))] for part in table.T
        ],
        "border": border,
        "rail": rail,
        "curve": np.c_[SCORES * 1.5, logistic.sigmoid(SCORES * 1.5)],
        "z": float(np.log(threshold / (1 - threshold))),
        **counts,
        **trace_counts(called, truth, probabilities, threshold),
        "weights": weights,
        "bias": bias,
        "loss": logistic.log_loss(probabilities, truth),
        "right": right,
        "says": (
            f"{right:.1%} are right. Of {int(truth.sum())} malignant tumours {counts['overlooked']} are overlooked; "
            f"of {int(len(truth) - truth.sum())} benign ones {counts['alarms']} are false alarms."
        ),
    }


def score_tumours(features: str) -> Float[np.ndarray, " patient"]:
    """Return each tumour's probability of being malignant, from the trained neuron on two measurements."""
    columns, _ = read_tumours()
    table = np.stack([columns[name] for name in PAIRS[features]], axis=1)
    weights, bias = train_border(features, MOST_STEPS)
    return logistic.predict((table - table.mean(0)) / table.std(0), weights, bias)


@lru_cache(maxsize=4)
def trace_roc(features: str) -> tuple[np.ndarray, int, int]:
    """Return the ROC curve, one row (share of false alarms, share found) for each threshold from above 1 to 0.

    With it comes how many pairs of a malignant and a benign tumour there are whose malignant one has the higher
    probability, and how many pairs there are.
    """
    _, truth = read_tumours()
    probabilities = score_tumours(features)
    order = np.argsort(-probabilities, kind="stable")
    found, alarms = np.cumsum(truth[order]), np.cumsum(1 - truth[order])
    curve = np.r_[[[0.0, 0.0]], np.c_[alarms / alarms[-1], found / found[-1]]]
    sick, well = probabilities[truth == 1], probabilities[truth == 0]
    return curve, int(np.sum(sick[:, None] > well)), len(sick) * len(well)


def compute_roc(features: str, threshold: float) -> dict[str, Any]:
    """Return how many tumours are found and how many are false alarms, for every threshold.

    Returns
    -------
    dict
        ``curve``: the ROC curve, rows (share of false alarms, share found); ``rail``: rows (threshold, share of false
        alarms, share found); ``alarms`` and ``found``, the shares at ``threshold``, and ``precision``, ``None`` where
        nothing is called malignant; ``area`` under the curve; ``origins`` of these; ``says``.
    """
    _, truth = read_tumours()
    probabilities = score_tumours(features)
    curve, right, pairs = trace_roc(features)
    rail = []
    for one in THRESHOLDS:
        cases = count_cases(probabilities >= one, truth)
        rail.append([float(one), cases["alarms"] / int(np.sum(truth == 0)), cases["found"] / int(np.sum(truth == 1))])
    called = probabilities >= threshold
    cases = count_cases(called, truth)
    parts = {
        "found": ("share found", cases["found"], "malignant tumours", int(np.sum(truth == 1))),
        "alarms": ("share of false alarms", cases["alarms"], "benign tumours", int(np.sum(truth == 0))),
        "precision": ("precision", cases["found"], "called malignant", int(np.sum(called))),
        "area": ("area under the curve", right, "pairs of a malignant and a benign tumour", pairs),
    }
    tops = {"found": "found", "alarms": "false alarms", "precision": "found", "area": "pairs in the right order"}
    shares: dict[str, float | None] = {}
    origins = {}
    for key, (name, top, whole, count) in parts.items():
        shares[key] = top / count if count else None
        if count:
            factors = [Factor(tops[key], float(top)), Factor(whole, float(count), over=True)]
            origins[key] = trace_sum(name, top / count, factors)
    says = (
        f"From a probability of {threshold:.2f} on, {shares['found']:.1%} of the malignant tumours are found, and "
        f"{shares['alarms']:.1%} of the benign ones are false alarms. The area under the curve is {shares['area']:.3f}."
    )
    return {"curve": curve, "rail": rail, **shares, "origins": origins, "says": says}


def compute_line(extra: int, radius: float) -> dict[str, Any]:
    """Return linear and logistic regression on the radius alone, with new malignant tumours of one radius.

    Returns
    -------
    dict
        ``points``, one row (radius, class) per patient; ``line`` and ``curve``, one row (radius, prediction) each;
        ``borders``, the radius at which each is 0.5; ``overlooked`` by each, of the 212 malignant tumours of the table;
        ``says``.
    """
    columns, truth = read_tumours()
    known = columns["mean radius"]
    radii, classes = np.r_[known, np.full(extra, radius)], np.r_[truth, np.ones(extra)]
    mean, spread = radii.mean(), radii.std()
    X = ((radii - mean) / spread)[:, None]
    # With one standardized feature, gradient descent at a rate of 0.5 arrives in one step.
    weight, base = regression.train_with_bias(X, classes, 1, learning_rate=0.5)
    fitted = newton.fit(X, classes[:, None], 0.0)
    axis = ((RADII - mean) / spread)[:, None]
    line = regression.predict(axis, weight, base)
    curve = logistic.predict(axis, fitted.weights[:, 0], float(fitted.bias[0]))
    borders = [
        float(mean + spread * (0.5 - base) / weight[0]),
        float(mean - spread * fitted.bias[0] / fitted.weights[0, 0]),
    ]
    overlooked = [count_cases(known >= border, truth)["overlooked"] for border in borders]
    return {
        "points": np.c_[known, truth],
        "line": np.c_[RADII, line],
        "curve": np.c_[RADII, curve],
        "borders": borders,
        "overlooked": overlooked,
        "largest": float(regression.predict(np.array([[(known.max() - mean) / spread]]), weight, base)[0]),
        "says": (
            f"The straight line's border is at a radius of {borders[0]:.1f}; it overlooks {overlooked[0]} of 212 "
            f"malignant tumours. The curve's is at {borders[1]:.2f}; it overlooks {overlooked[1]}."
        ),
    }


def compute_surprise(score: float) -> dict[str, Any]:
    """Return two losses of a malignant tumour, and their slopes, for every score.

    Returns
    -------
    dict
        ``log`` and ``square``, one row (score, loss, slope along the score) each; ``at``: the rows of ``score``; ``p``;
        ``origins``; ``says``.
    """
    scores = np.r_[SCORES, score]
    p = logistic.sigmoid(scores)
    truth = np.ones(1)
    # One example with the feature 1: the slope along its weight is the slope along its score.
    one = np.ones((1, 1))
    log = [logistic.log_loss(p[[place]], truth) for place in range(len(p))]
    log_slope = [float(logistic.differentiate(p[[place]], truth, one)[0]) for place in range(len(p))]
    square = [regression.measure_error(p[[place]], truth) for place in range(len(p))]
    square_slope = [
        float(regression.differentiate(p[[q]], truth, one)[0]) * float(p[q] * (1 - p[q])) for q in range(len(p))
    ]
    rows = np.c_[scores, log, log_slope], np.c_[scores, square, square_slope]
    likely, error = Factor("p", float(p[-1]), "p"), Factor("(p − 1)", float(p[-1]) - 1)
    flat = [likely, Factor("(1 − p)", 1 - float(p[-1]))]
    origins = {
        "p": trace_sum("p", float(p[-1]), [Factor("z", score)], then="σ(·)"),
        "log1": trace_sum("log loss", log[-1], [likely], then="−log ·"),
        "log2": trace_sum("slope of the log loss", log_slope[-1], [likely], [Factor("−1", -1.0)]),
        "square1": trace_sum("squared error", square[-1], [likely], [Factor("−1", -1.0)], then="(·)²"),
        "square2": trace_sum("slope of the squared error", square_slope[-1], [Factor("2", 2.0), error, *flat]),
    }
    return {
        "log": rows[0][:-1],
        "square": rows[1][:-1],
        "at": [rows[0][-1], rows[1][-1]],
        "p": float(p[-1]),
        "origins": origins,
        "says": (
            f"p = {p[-1]:.4g}. Log loss {log[-1]:.4g}, slope {log_slope[-1]:.4g}. Squared error {square[-1]:.4g}, "
            f"slope {square_slope[-1]:.4g}."
        ).replace("-", "−"),
    }


VIEWS = {
    "border": View(
        "A border between malignant and benign tumours",
        compute_border,
        (
            Slider("threshold", "threshold", 0.5, low=0.02, high=0.98, step=0.01, hidden=True),
            Slider("steps", "steps", MOST_STEPS, low=0, high=MOST_STEPS, step=5, plays=True),
            Choice("features", "features", "radius and texture", tuple(PAIRS), WORDS),
        ),
    ),
    "roc": View(
        "What is found and what is a false alarm, for every threshold",
        compute_roc,
        (
            Slider("threshold", "threshold", 0.5, low=0.02, high=0.98, step=0.01),
            Choice("features", "features", "radius and texture", tuple(PAIRS), WORDS),
        ),
    ),
    "line": View(
        "A straight line and a curve that predict a class",
        compute_line,
        (
            Slider("extra", "new patients", 0, low=0, high=40, step=1),
            Slider("radius", "their radius", 30.0, low=20.0, high=60.0, step=0.5),
        ),
    ),
    "surprise": View(
        "What a score costs under two losses",
        compute_surprise,
        (Slider("score", "score z", 0.0, low=-8.0, high=8.0, step=0.1),),
    ),
}
