"""Pictures of a linear regression: how well it fits, and how it got there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundup.runs.folder import Run
from groundup.tasks.drawing import plain, save_picture, take_series
from groundup.tasks.opening import require_model

_BLUE, _GREY, _ORANGE = "#2b6cb0", "#888888", "#c05621"


def draw_run(run: Run, folder: Path) -> Path:
    """Draw ``curves.png``: predicted against true on held-out rows, and the loss against the iteration."""
    told = require_model(run)
    target, unit = told["target"], told["units"].get(told["target"], "")
    tensors = run.load_model("held_out.safetensors")
    rows = (tensors["true"].numel() if "true" in tensors else 0,)
    run.read_shapes("held_out.safetensors").require({"predicted": rows, "true": rows})
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    kind = "simulated rows" if told["simulated"] else "rows"
    _scatter(left, tensors["predicted"].numpy(), tensors["true"].numpy(), target, unit, f"held-out {kind}")
    _descend(right, run.metrics(), told["least_squares_loss"], unit)
    return save_picture(figure, folder / "curves.png", dpi=120)


def draw_fit(predicted: np.ndarray, true: np.ndarray, target: str, unit: str, path: Path) -> Path:
    """Draw predicted against true values."""
    figure = Figure(figsize=(5.6, 4.8), layout="constrained")
    _scatter(figure.subplots(), predicted, true, target, unit, "rows")
    return save_picture(figure, path, dpi=120)


def _scatter(axes: Axes, predicted: np.ndarray, true: np.ndarray, target: str, unit: str, rows: str) -> None:
    named = plain(f"{target} ({unit})" if unit and unit not in target else target)
    axes.set_xlabel(f"predicted {named}")
    axes.set_ylabel(f"true {named}")
    axes.set_title(f"{len(true)} {rows}" if len(true) else "no rows were held out")
    axes.spines[["top", "right"]].set_visible(False)
    if not len(true) or not np.all(np.isfinite(predicted)):
        return
    axes.scatter(predicted, true, s=18, alpha=0.45 if len(true) > 100 else 0.8, color=_BLUE, linewidths=0)
    ends = [min(predicted.min(), true.min()), max(predicted.max(), true.max())]
    axes.plot(ends, ends, color=_GREY, linewidth=1, linestyle="--", label="a perfect prediction")
    axes.legend(frameon=False, loc="upper left")


def _descend(axes: Axes, metrics: list[dict[str, Any]], least_squares: float, unit: str) -> None:
    steps, loss = take_series(metrics, "loss")
    error = np.sqrt(np.maximum(loss, 0))
    axes.set_title("descent")
    axes.set_xlabel("iteration")
    axes.set_ylabel("error on the training rows" + (f" ({plain(unit)})" if unit else ""))
    axes.spines[["top", "right"]].set_visible(False)
    if len(steps) > 1:
        # Iteration 0 has no place on a logarithmic axis: it is drawn at one half.
        axes.plot(np.maximum(steps, 0.5), error, color=_BLUE)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks([0.5, *(10.0**power for power in range(int(np.log10(steps[-1])) + 1))])
        axes.set_xticklabels(["0", *(f"{10**power:,}" for power in range(int(np.log10(steps[-1])) + 1))])
        axes.minorticks_off()
    if least_squares > 0:
        axes.axhline(np.sqrt(least_squares), color=_ORANGE, linewidth=1, linestyle="--", label="least squares")
        axes.legend(frameon=False)
