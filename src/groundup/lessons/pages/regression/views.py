"""What the views of linear regression show: a line through people, and one guess for all."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from groundup.data.tables.galton import load_families
from groundup.lessons.contours import trace_contours
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c2_regression.regression import (
    differentiate_bias,
    measure_error,
    predict,
    train_with_bias,
)

TWELVE, ALL = PEOPLE = ("twelve people", "all 928")
MOST_STEPS = 60
WEIGHTS = (-1.5, 2.8)
BIASES = (154.0, 192.0)
# Twelve of the 928 whose best line is much like that of all.
_TWELVE_SEED = 316
_FAR = 1e6
GUESSES = np.linspace(150.0, 240.0, 181)


@lru_cache(maxsize=2)
def choose_people(people: str) -> tuple[Float[np.ndarray, " person"], Float[np.ndarray, " person"]]:
    """Return the parents' heights above the average of all, and the children's heights, in cm."""
    parents, children = load_families()
    above = parents - parents.mean()
    if people == ALL:
        return above, children
    chosen = np.random.default_rng(_TWELVE_SEED).choice(len(above), 12, replace=False)
    return above[chosen], children[chosen]


@lru_cache(maxsize=4)
def describe_people(people: str, unit: float) -> dict[str, Any]:
    """Return what stays in the picture of these people: the dots, the bowl from above, and the best line.

    The bowl is drawn over the weight per ``unit`` cm. Where that is a standard deviation, both its axes are equally
    long, so that a round bowl looks round.
    """
    above, children = choose_people(people)
    mean = load_families()[0].mean()
    dots, counts = np.unique(np.c_[above + mean, children], axis=0, return_counts=True)
    spread = above.std()
    weight, bias = train_with_bias((above / spread)[:, None], children, 400, learning_rate=0.3)
    best = float(weight[0] / spread)
    reach = (BIASES[1] - BIASES[0]) / 2
    low, high = WEIGHTS if unit == 1 else (best * unit - reach, best * unit + reach)
    weights = np.linspace(low - 0.05 * (high - low), high + 0.05 * (high - low), 48)
    biases = np.linspace(BIASES[0] - 1.5, BIASES[1] + 1.5, 48)
    X = (above / unit)[:, None]
    bowl = np.array([[measure_error(predict(X, np.array([w]), b), children) for w in weights] for b in biases])
    # Typical errors 1 cm, 2 cm, … above the best: rings at equal distances.
    lowest = float(np.sqrt(bowl.min()))
    levels = (lowest + np.array([0.25, 1, 2, 3, 4.5, 6, 8, 10, 12.5, 15])) ** 2
    return {
        "dots": np.c_[dots, counts],
        "contours": trace_contours(weights, biases, bowl, levels),
        "best": [best, bias],
        "unit": unit,
        "window": [low, high],
        "mean": float(mean),
    }


def compute_line(people: str, w: float, b: float, scaled: bool, rate: float, steps: int) -> dict[str, Any]:
    """Return a descent of a line from one that the hand drew.

    Returns
    -------
    dict
        ``path``, one row (w per cm, b, mean squared error) per step from the start on; ``typical``, the root of each
        error, in cm; ``dots``, one row (parents, child,
        how many) each; ``contours`` of the error over w per ``unit`` cm and b, and their ``window`` along w;
        ``best``, the lowest (w per cm, b); ``mean``, the average parents' height, where x is 0; ``says``.
    """
    above, children = choose_people(people)
    unit = float(load_families()[0].std()) if scaled else 1.0
    X = (above / unit)[:, None]
    weights, bias = np.array([w * unit]), b
    path = []
    for _ in range(MOST_STEPS + 1):
        path.append([float(weights[0]) / unit, bias, measure_error(predict(X, weights, bias), children)])
        if max(map(abs, path[-1])) > _FAR:
            break
        weights, bias = train_with_bias(X, children, 1, weights, bias, rate)
    at = min(steps, len(path) - 1)
    found, base, error = path[at]
    return {
        **describe_people(people, unit),
        "path": path,
        "typical": np.sqrt(np.array(path)[:, 2]),
        "says": f"After {at} steps: w = {found:.4g} per cm, b = {base:.4g}; mean squared error {error:.4g} cm².",
    }


def compute_guess(people: list[list[float]], guess: float) -> dict[str, Any]:
    """Return both errors of one guess for all people, for every guess.

    Returns
    -------
    dict
        ``squared`` and ``absolute``, one row (guess, error) each; ``best``, the guesses with the least squared and the
        least absolute error; ``at``, both errors of ``guess``; ``slopes``, of both there, None at a corner; ``says``.
    """
    heights = np.array(people)[:, 0]
    everywhere = [np.full(len(heights), at) for at in GUESSES]
    squared = [measure_error(same, heights) for same in everywhere]
    absolute = [float(np.abs(heights - same).mean()) for same in everywhere]
    chosen = np.full(len(heights), guess)
    # At a person the absolute error has a corner.
    level = None if (heights == guess).any() else float(np.sign(chosen - heights).mean())
    slopes = [differentiate_bias(chosen, heights), level]
    best = [float(heights.mean()), float(np.median(heights))]
    return {
        "squared": np.c_[GUESSES, squared],
        "absolute": np.c_[GUESSES, absolute],
        "best": best,
        "at": [measure_error(chosen, heights), float(np.abs(heights - chosen).mean())],
        "slopes": slopes,
        "says": (
            f"Least squared error: {best[0]:.1f} cm, the average. Least absolute error: {best[1]:.1f} cm, the median. "
            f"At the guess {guess:.4g} the squared error has the slope {slopes[0]:.3g}. "
            f"The absolute error has {'none: a corner' if level is None else f'the slope {level:.2g}'}."
        ).replace("-", "−"),
    }


VIEWS = {
    "line": View(
        "A line through people, and the bowl of its error",
        compute_line,
        (
            Slider("rate", "learning rate α", 0.02, low=0.001, high=1.05, step=0.001, log=True),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True, hidden=True),
            Choice("people", "people", TWELVE, PEOPLE),
            Switch("scaled", "x in standard deviations", False),
            Slider("w", "weight w", 0.0, low=WEIGHTS[0], high=WEIGHTS[1], step=0.01, hidden=True),
            Slider("b", "bias b", 166.0, low=BIASES[0], high=BIASES[1], step=0.1, hidden=True),
        ),
    ),
    "guess": View(
        "Two errors of one guess for all",
        compute_guess,
        (
            Points(
                "people",
                "people on the scale",
                tuple((height, 0.0) for height in (160.0, 165.0, 168.0, 170.0, 173.0, 176.0, 180.0)),
                least=1,
                most=15,
            ),
            Slider("guess", "guess", 190.0, low=150.0, high=240.0, step=0.5),
        ),
    ),
}
