"""How often each class was taken for each other one: counted, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundup.tasks.drawing import plain, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERED = 20


def count_confusion(truth: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each true class (row) was taken for each class (column).

    Examples
    --------
    >>> count_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (truth, said), 1)
    return confusion


def draw_confusion(path: Path, confusion: np.ndarray, classes: Sequence[str]) -> Path:
    """Draw how often each true class (row) was taken for each class (column); mistakes alone are shaded."""
    from matplotlib.figure import Figure

    size = max(4.5, 0.5 * len(classes))
    figure = Figure(figsize=(size, size), layout="constrained")
    fill_confusion(figure.subplots(), confusion, classes)
    return save_picture(figure, path, dpi=110)


def fill_confusion(axes: Axes, confusion: np.ndarray, classes: Sequence[str]) -> None:
    """Draw the same into axes."""
    mistakes = confusion * (1 - np.eye(len(classes), dtype=np.int64))
    axes.imshow(mistakes, cmap="Reds", vmax=max(1, 1.5 * mistakes.max()))
    if len(classes) <= MOST_NUMBERED:
        for row, column in np.argwhere(confusion > 0):
            weight = "bold" if row == column else "normal"
            axes.text(column, row, str(confusion[row, column]), ha="center", va="center", fontsize=8, fontweight=weight)
    axes.set(xticks=range(len(classes)), yticks=range(len(classes)), xlabel="said", ylabel="true")
    axes.set_xticklabels([plain(name) for name in classes])
    axes.set_yticklabels([plain(name) for name in classes])
    right = np.trace(confusion) / max(1, confusion.sum())
    axes.set_title(f"{right:.2%} right; mistakes shaded", fontsize=11)


def tabulate(confusion: np.ndarray, classes: Sequence[str]) -> tuple[list[str], list[list[str]]] | None:
    """Return the counts as a table for people; ``None`` for too many classes."""
    from rich.markup import escape

    names = [escape(name) for name in classes]
    rows = [[name, *(str(count) for count in row)] for name, row in zip(names, confusion, strict=True)]
    return (["true \\ said", *names], rows) if len(rows) <= MOST_NUMBERED else None
