"""Figures as they are shown: rounded, with their unit; and the form that a report must contain."""

from __future__ import annotations

import math

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
