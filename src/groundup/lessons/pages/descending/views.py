"""What the lesson's views show: a descent on a curve that is typed, the slope under the ball, and learning rates."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch

from groundup.base.errors import UserError
from groundup.formulas.expression import Expression, parse_expression
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Slider, TextBox, View
from groundup.steps.c1_descent.descent import slope as slope_at
from groundup.steps.c1_descent.gradient_descent import square_slope, walk_down

SIDE = 11.0
MOST_STEPS = 40
RATES = np.round(np.arange(0.005, 1.2001, 0.005), 3)
FAR = 1e6


@lru_cache(maxsize=64)
def parse_curve(formula: str) -> Expression:
    """Return a formula of one variable.

    Raises
    ------
    UserError
        It is none, or has another number of variables.
    """
    function = parse_expression(formula)
    if len(function.variables) > 1:
        raise UserError(f"This has {len(function.variables)} variables. Write a formula of one, such as x^2.")
    return function


def find_height_and_slope(function: Expression, x: float) -> tuple[float, float]:
    """Return f(x) and f′(x); NaN where the curve has no value."""
    try:
        height, slopes = slope_at(function, torch.tensor([x], dtype=torch.float64))
    except UserError:
        return math.nan, math.nan
    return float(height), float(slopes[0])


def draw_curve(function: Expression, low: float = -SIDE, high: float = SIDE, count: int = 441) -> np.ndarray:
    """Return points of the curve, shape (count, 2); NaN where it has no value."""
    x = torch.linspace(low, high, count, dtype=torch.float64)
    y = function(x[None])
    return np.stack([x.numpy(), y.detach().numpy()], axis=1)


def compute_hill(formula: str, start: float, rate: float, steps: int) -> dict[str, Any]:
    """Return a descent on a curve.

    Returns
    -------
    dict
        ``curve`` (441, 2); ``range``, the heights that are shown; ``path``, one row (x, f(x), f′(x)) per step from the
        start on; ``formula``; ``outcome``: ``"settles"``, ``"jumps"``, ``"flies"`` or ``"walks"``; ``says``.
    """
    function = parse_curve(formula)
    curve = draw_curve(function)
    path = []
    guess = start
    for _ in range(MOST_STEPS + 1):
        height, slope = find_height_and_slope(function, guess)
        path.append([guess, height, slope])
        if not (math.isfinite(height) and math.isfinite(slope)) or abs(guess) > FAR:
            break
        guess = float(walk_down(partial(_return_slope, slope), guess, rate, 1))
    outcome = name_outcome(path)
    return {
        "formula": function.text,
        "curve": curve,
        "range": choose_range(curve[:, 1]),
        "path": path,
        "outcome": outcome,
        "says": say_hill(path, min(steps, len(path) - 1), outcome),
    }


def _return_slope(slope: float, _: float) -> float:
    return slope


def choose_range(heights: np.ndarray) -> list[float]:
    """Return the heights that a picture shows: all but the most extreme ones, with some room."""
    known = heights[np.isfinite(heights)]
    if not known.size:
        return [0.0, 1.0]
    low, high = (float(value) for value in np.quantile(known, [0.01, 0.95]))
    room = 0.08 * (high - low) or 1.0
    return [low - room, high + room]


def name_outcome(path: list[list[float]]) -> str:
    """Return what a descent does in the end: it settles, jumps between two sides, flies away, or still walks."""
    places = [row[0] for row in path]
    first = abs(places[1] - places[0]) if len(places) > 1 else 0.0
    last = abs(places[-1] - places[-2]) if len(places) > 1 else 0.0
    if len(path) <= MOST_STEPS or not all(map(math.isfinite, path[-1])) or last > 3 * first > 0:
        return "flies"
    if last < 1e-3:
        return "settles"
    jumps = all((a - b) * (b - c) < 0 for a, b, c in zip(places[-6:], places[-5:], places[-4:], strict=False))
    return "jumps" if jumps and last > 0.999 * abs(places[-3] - places[-4]) else "walks"


def say_hill(path: list[list[float]], steps: int, outcome: str) -> str:
    """Return a descent in words."""
    x, height, slope = path[steps]
    if not (math.isfinite(height) and math.isfinite(slope)):
        return f"At step {steps} the ball is at x = {x:.4g}, where the curve has no value."
    ends = {
        "settles": "It settles.",
        "jumps": "It jumps from side to side and does not settle.",
        "flies": "Every step is longer than the one before: it flies away.",
        "walks": "It is still on its way.",
    }
    return f"At step {steps}: x = {x:.4g}, height {height:.4g}, slope {slope:.4g}. {ends[outcome]}"


CURVES = {"square": "x^2", "absolute": "abs(x)", "waves": "x^2/4 + sin(3*x)"}


def compute_slope(curve: str, place: float, gap: float) -> dict[str, Any]:
    """Return a curve with a line through two of its points, and the slope that this line tends to.

    Returns
    -------
    dict
        ``curve`` (401, 2); ``range``; ``point`` and ``second``, each (x, f(x)); ``secant``, the slope of the line
        through both; ``slope``, the derivative at the point; ``origins``: where the change of the height comes from;
        ``says``.
    """
    function = parse_curve(CURVES[curve])
    height, slope = find_height_and_slope(function, place)
    second = find_height_and_slope(function, place + gap)[0]
    secant = (second - height) / gap
    drawn = draw_curve(function, -3.5, 3.5, 401)
    says = (
        f"From x = {place:.3g} to {place + gap:.4g} the curve changes by {second - height:.4g}. Divided by {gap:.3g}: "
    )
    ends = Factor(f"f({place + gap:.4g})", second), Factor(f"−f({place:.3g})".replace("(-", "(−"), -height)
    return {
        "origins": {"rise": trace_sum("change of the height", second - height, *([end] for end in ends))},
        "curve": drawn,
        "range": [-1.5, 7.5],
        "point": [place, height],
        "second": [place + gap, second],
        "secant": secant,
        "slope": slope,
        "says": f"{says}{secant:.4g}. The slope at the point itself is {slope:.4g}.",
    }


def compute_rates(start: float, steps: int, rate: float) -> dict[str, Any]:
    """Return how far from the lowest point of x² a descent ends, for every learning rate.

    Returns
    -------
    dict
        ``ends``: one row (rate, distance from 0 after ``steps`` steps) per learning rate; ``chosen``: the row of
        ``rate``; ``factor``: what one step multiplies x by; ``says``.
    """
    ends = [[rate, abs(walk_down(square_slope, start, rate, steps))] for rate in RATES.tolist()]
    end = abs(walk_down(square_slope, start, rate, steps))
    factor = 1 - 2 * rate
    told = f"With a learning rate of {rate:.3g} every step multiplies x by 1 − 2 · {rate:.3g} = {factor:.3g}."
    return {
        "ends": ends,
        "chosen": [rate, end],
        "factor": factor,
        "says": f"{told} At step {steps} the ball is {end:.3g} away from 0.",
    }


VIEWS = {
    "hill": View(
        "A ball that walks down a curve",
        compute_hill,
        (
            TextBox("formula", "f(x) =", "x^2", most=80),
            Slider("start", "start", 9.0, low=-10.0, high=10.0, step=0.1),
            Slider("rate", "learning rate α", 0.1, low=0.01, high=1.2, step=0.01),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
    "slope": View(
        "The slope: a line through two points of the curve that come closer",
        compute_slope,
        (
            Choice("curve", "curve", "square", tuple(CURVES), ("x²", "|x|", "waves")),
            Slider("place", "point x", 1.0, low=-3.0, high=3.0, step=0.05),
            Slider("gap", "distance h", 1.5, low=0.001, high=2.0, step=0.001, log=True),
        ),
    ),
    "rates": View(
        "How far from the lowest point each learning rate ends",
        compute_rates,
        (
            Slider("rate", "learning rate α", 0.1, low=0.005, high=1.2, step=0.005),
            Slider("steps", "steps", 10, low=0, high=60, step=1),
            Slider("start", "start", 10.0, low=0.5, high=10.0, step=0.5, hidden=True),
        ),
    ),
}
