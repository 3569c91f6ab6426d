"""Pictures of a classification: what was taken for what, and how the loss fell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from groundup.base.errors import UserError
from groundup.runs.folder import Run
from groundup.tasks.confusion import count_confusion, fill_confusion
from groundup.tasks.drawing import save_picture, take_series
from groundup.tasks.opening import require_model

HELD_OUT = "held_out.safetensors"
_BLUE, _GREY = "#2b6cb0", "#888888"


def draw_run(run: Run, folder: Path) -> Path:
    """Draw ``curves.png``: the confusions on held-out rows, how sure the answers are, and the loss by iteration."""
    from matplotlib.figure import Figure

    classes = require_model(run)["classes"]
    tensors = run.load_model(HELD_OUT)
    rows = tensors["labels"].numel() if "labels" in tensors else 0
    run.read_shapes(HELD_OUT).require({"probabilities": (rows, len(classes)), "labels": (rows,)})
    probabilities, labels = tensors["probabilities"].numpy(), tensors["labels"].numpy().astype(np.int64)
    if rows and not (labels.min() >= 0 and labels.max() < len(classes)):
        raise UserError(f"{run.path(HELD_OUT)}: damaged (a row is of a class that there is not). Train again.")
    figure = Figure(figsize=(14, 4.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    if rows:
        fill_confusion(left, count_confusion(labels, probabilities.argmax(axis=1), len(classes)), classes)
        _fill_certainty(middle, probabilities, labels)
    else:
        left.set_title("no rows were held out")
        left.axis("off")
        middle.axis("off")
    steps, loss = take_series(run.metrics(), "loss")
    right.plot(steps, loss, "o-", color=_BLUE, markersize=3)
    right.set(title="log loss on the training rows", xlabel="iteration", ylabel="nats per row")
    right.spines[["top", "right"]].set_visible(False)
    return save_picture(figure, folder / "curves.png", dpi=110)


def _fill_certainty(axes: Any, probabilities: np.ndarray, labels: np.ndarray) -> None:
    """Draw how often answers are right, by how sure they are: on the diagonal, they are as sure as they should be."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(sure, kind="stable")
    groups = [group for group in np.array_split(order, min(8, max(1, len(order) // 10))) if len(group)]
    axes.plot([0, 1], [0, 1], "--", color=_GREY, linewidth=1)
    axes.plot([sure[group].mean() for group in groups], [right[group].mean() for group in groups], "o-", color=_BLUE)
    low = 1 / probabilities.shape[1]
    axes.set(title="is it as accurate as it is confident?", xlabel="probability of its answer", ylabel="share right")
    axes.set(xlim=(low - 0.02, 1.02), ylim=(-0.02, 1.02))
    axes.spines[["top", "right"]].set_visible(False)
