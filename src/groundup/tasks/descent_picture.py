"""Draw a descent: on the curve for one variable, on the contour for two, the value by step for more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.steps.c1_descent.descent import Descent
from groundup.tasks.drawing import save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Axes that reach further are no axes any more.
LARGEST = 1e100
_INK, _PATH, _END = "#5b6472", "#c2410c", "#15803d"


def draw_descent(
    function: Callable[[Tensor], Tensor], names: tuple[str, ...], title: str, path: Descent, to: Path
) -> None:
    """Draw where a descent went, into a PNG file; parameters as of `make_figure`."""
    figure = make_figure(function, names, title, path)
    save_picture(figure, to, dpi=110)


def make_figure(
    function: Callable[[Tensor], Tensor], names: tuple[str, ...], title: str, path: Descent, height: float = 4.6
) -> Figure:
    """Return a picture of where a descent went.

    Parameters
    ----------
    function : callable
        What was minimised: coordinates, shape (variable, ...), to values, shape (...).
    names : tuple of str
        The variables.
    title : str
        Written above the picture.
    path : Descent
        Its trajectory.
    height : float
        Of the picture, in inches.

    Raises
    ------
    UserError
        The walk's numbers are too large to be drawn.
    """
    from matplotlib.figure import Figure

    shown = _shown(path)
    largest = max(float(np.abs(shown).max()), float(path.values[: len(shown)].abs().max()))
    if largest > LARGEST:
        told = f"No picture can be drawn of numbers as large as {largest:.1g}"
        raise UserError(f"{told}. Start nearer to 0, or leave the picture out.")
    figure = Figure(figsize=(10, height), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    if len(names) == 1:
        _on_the_curve(left, function, names[0], path)
    elif len(names) == 2:
        _on_the_contour(left, function, names, path)
    else:
        _coordinates(left, names, path)
    _values(right, path)
    left.set_title(title)
    return figure


def _shown(path: Descent) -> np.ndarray:
    """Return the points worth showing: of a walk that ran away, the part around its beginning."""
    points = path.points.numpy()
    if not path.diverged:
        return points
    reach = 30 * (1e-9 + np.abs(points[: min(4, len(points))] - points[0]).max())
    inside = np.abs(points - points[0]).max(axis=1) <= reach
    return points[: len(points) if inside.all() else max(2, int(np.argmin(inside)))]


def _span(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.25 * (high - low)
    if not margin > 1e-9 * max(abs(low), abs(high)):
        margin = max(1.0, 1e-6 * abs(high))
    return low - margin, high + margin


def _on_the_curve(axes: Axes, function: Callable[[Tensor], Tensor], name: str, path: Descent) -> None:
    points = _shown(path)[:, 0]
    low, high = _span(points)
    if path.outcome in ("arrived", "on the way"):
        # Show both slopes of the valley, not only the one walked down.
        end = float(path.end[0])
        low, high = min(low, end - abs(points[0] - end) / 2), max(high, end + abs(points[0] - end) / 2)
    grid = torch.linspace(low, high, 400, dtype=torch.float64)
    axes.plot(grid.numpy(), function(grid[None]).numpy(), color=_INK, linewidth=1.5)
    values = path.values.numpy()[: len(points)]
    axes.plot(points, values, "o-", color=_PATH, markersize=4, linewidth=0.8, label=f"{len(path.points) - 1} steps")
    _mark_end(axes, points[-1], values[-1], path)
    axes.set(xlabel=name, ylabel="value")
    axes.legend(frameon=False)


def _on_the_contour(axes: Axes, function: Callable[[Tensor], Tensor], names: tuple[str, ...], path: Descent) -> None:
    points = _shown(path)
    span = max(_span(points[:, axis])[1] - _span(points[:, axis])[0] for axis in (0, 1))
    grids = []
    for axis in (0, 1):
        low, high = _span(points[:, axis])
        middle = (low + high) / 2
        # Equal scales on both axes: only then does downhill stand at right angles to the contour.
        grids.append(np.linspace(middle - span / 2, middle + span / 2, 80))
    surface = function(torch.from_numpy(np.stack(np.meshgrid(*grids)))).numpy()
    finite = surface[np.isfinite(surface)]
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, 24))) if len(finite) else finite
    if len(levels) > 1:  # else it is level, or its numbers are too close to tell apart
        axes.contourf(grids[0], grids[1], surface, levels=levels, cmap="Blues_r")
    axes.plot(
        points[:, 0], points[:, 1], "o-", color=_PATH, markersize=3, linewidth=1, label=f"{len(path.points) - 1} steps"
    )
    _mark_end(axes, points[-1, 0], points[-1, 1], path)
    sides = {"xlim": grids[0][[0, -1]], "ylim": grids[1][[0, -1]]}
    axes.set(xlabel=names[0], ylabel=names[1], aspect="equal", **sides)
    axes.legend(loc="upper right")


def _coordinates(axes: Axes, names: tuple[str, ...], path: Descent) -> None:
    for place, name in enumerate(names):
        axes.plot(path.points[:, place].numpy(), label=name, linewidth=1.5)
    axes.set(xlabel="step", ylabel="coordinate")
    axes.legend(frameon=False)


def _mark_end(axes: Axes, x: float, y: float, path: Descent) -> None:
    label = "runs away from here" if path.diverged else "end"
    axes.plot(
        [x], [y], "X" if path.diverged else "o", color=_PATH if path.diverged else _END, markersize=9, label=label
    )


def _values(axes: Axes, path: Descent) -> None:
    values = path.values.numpy()
    above = values - min(values.min(), 0 if values.min() >= 0 else values.min())
    positive = above[above > 0]
    logarithmic = len(positive) > 1 and positive.max() / positive.min() > 100
    axes.plot(above if logarithmic else values, color=_PATH, linewidth=1.5)
    if logarithmic:
        axes.set_yscale("log")
    axes.set(xlabel="step", ylabel="value" if not logarithmic or values.min() >= 0 else "value above the lowest")
