"""Figures as they are shown: rounded, with their unit; and the form that a report must contain."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from groundup.base.shape import Mismatch, is_number, whole


def format_with_unit(value: float, unit: str) -> str:
    """Return a figure with its unit, if it has one."""
    return f"{round_figures(value)} {unit}".rstrip()


def round_figures(value: float) -> str:
    """Return three significant figures, more before the point where there are more.

    Examples
    --------
    >>> round_figures(0.391872), round_figures(176.84), round_figures(12345.6), round_figures(0.0)
    ('0.392', '176.8', '12346', '0')
    """
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def figure(value: object, place: str) -> None:
    """Fit a number, one that is not finite among them: a measurement on no rows, or of a run that diverged."""
    if not is_number(value):
        raise Mismatch(place, value, "a number")


count = whole(0, 10**18)

# The charts of figures that are logged: what their vertical axis shows.
LOSS, RIGHT, ERROR, REWARD = "loss, nats", "share right", "mean squared error", "mean reward"
_LARGEST_EXPONENT = 700


@dataclass(frozen=True)
class Curve:
    """A figure that a run logs while it trains.

    Attributes
    ----------
    name : str
        Its line in a chart: of what it is measured.
    chart : str
        The chart it belongs to.
    say : callable
        From a value to words.
    """

    name: str
    chart: str
    say: Callable[[float], str]


def curve_of_choice(things: str, where: str) -> Curve:
    """Return the curve of a cross-entropy per token: among how many equally likely ones it would be as unsure.

    Examples
    --------
    >>> curve_of_choice("tokens", "on new text").say(1.6094)
    'a choice among 5 tokens on new text (1.609 nats)'
    """

    def say(loss: float) -> str:
        return (
            f"a choice among {round_figures(math.exp(min(loss, _LARGEST_EXPONENT)))} {things} {where} ({loss:.3f} nats)"
        )

    return Curve(where, LOSS, say)


def curve_of_certainty(where: str) -> Curve:
    """Return the curve of a cross-entropy over classes: the probability of the right class, as a geometric mean.

    Examples
    --------
    >>> curve_of_certainty("on new pictures").say(0.10536)
    '90% for the right class on new pictures (0.105 nats)'
    """
    return Curve(
        where,
        LOSS,
        lambda loss: f"{math.exp(max(-loss, -_LARGEST_EXPONENT)):.0%} for the right class {where} ({loss:.3f} nats)",
    )


def curve_of_right(things: str) -> Curve:
    """Return the curve of the share that is right.

    Examples
    --------
    >>> curve_of_right("new pictures").say(0.98607)
    '98.6% of new pictures right'
    """
    return Curve(things, RIGHT, lambda share: f"{share:.1%} of {things} right")


def say_figures(curves: Mapping[str, Curve], figures: Mapping[str, float]) -> list[str]:
    """Return the figures of a line of the log in words, in the order of the curves.

    Examples
    --------
    >>> say_figures({"accuracy": curve_of_right("new pictures")}, {"step": 3, "accuracy": 0.5})
    ['50.0% of new pictures right']
    """
    known = [(curve, figures[key]) for key, curve in curves.items() if key in figures]
    return [curve.say(value) for curve, value in known if math.isfinite(value)]
