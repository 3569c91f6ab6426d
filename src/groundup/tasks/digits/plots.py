"""The pictures of the ``digits`` task: curves, contact sheet, confusions, and a digit as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from groundup.data.images.images import Images
from groundup.tasks.drawing import plain, save_picture, take_series

TRAIN, TEST, GREY = "#4477aa", "#ee6677", "#777777"
SHADES = " ░▒▓█"


def draw_curves(path: Path, metrics: list[dict[str, Any]]) -> Path:
    """Draw loss and accuracy over the steps, on pictures trained on and on pictures never seen.

    Both are measured with dropout off, so that only what was learned from makes the space between the two lines.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    loss.plot(*take_series(metrics, "loss"), color=GREY, alpha=0.45, linewidth=1)
    loss.set(title="loss (cross-entropy, nats)", xlabel="step")
    accuracy.set(title="right answers, %", xlabel="step")
    for part, colour in (("train", TRAIN), ("test", TEST)):
        loss.plot(*take_series(metrics, f"{part}_loss"), "o-", color=colour, markersize=3)
        places, right = take_series(metrics, f"{part}_accuracy")
        accuracy.plot(places, 100 * right, "o-", color=colour, markersize=3)
    measured, *both = take_series(metrics, "train_accuracy", "test_accuracy")
    names = ["in training, with dropout and label smoothing", "trained on", "never seen"]
    loss.legend(names if len(measured) else names[:1], frameon=False, fontsize=9)
    if len(measured):
        trained, tested = (100 * values[-1] for values in both)
        accuracy.legend(
            [f"trained on: {trained:.2f}", f"never seen: {tested:.2f}"],
            title=f"gap {trained - tested:.2f} points",
            frameon=False,
            loc="lower right",
            fontsize=9,
        )
    for axes in (loss, accuracy):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    return save_picture(figure, path, dpi=110)


def draw_contact_sheet(
    path: Path,
    images: Images,
    probabilities: np.ndarray,
    order: Iterable[int],
    classes: tuple[str, ...],
    most: int = 48,
) -> Path:
    """Draw the first pictures of ``order`` with what was said and what is true; mistakes in red."""
    from matplotlib.figure import Figure

    places = [int(place) for place in order][:most]
    columns = 8
    rows = -(-len(places) // columns)
    figure = Figure(figsize=(columns * 1.25, rows * 1.5 + 0.5), layout="constrained")
    figure.suptitle("The hardest pictures: mistakes (red), then the least sure right answers", fontsize=11)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, place in zip(grid.flat, places, strict=False):
        said, truth = int(probabilities[place].argmax()), int(images.labels[place])
        axes.imshow(images.pixels[place], cmap="gray_r", vmin=0, vmax=255)
        words = plain(f"says {classes[said]} ({probabilities[place, said]:.0%})\nis {classes[truth]}")
        axes.set_title(words, fontsize=8, color="black" if said == truth else TEST, pad=2)
    return save_picture(figure, path, dpi=110)


def write_as_text(pixels: np.ndarray) -> list[str]:
    """Return a picture as lines of shaded characters, two rows of pixels a line.

    Examples
    --------
    >>> write_as_text(np.array([[0, 255, 0, 0], [0, 255, 0, 160]], dtype=np.uint8))
    [' █ ▒']
    """
    height = len(pixels) // 2 * 2
    pairs = pixels[:height].astype(np.float64).reshape(height // 2, 2, -1).mean(1)
    levels = np.ceil(pairs / 255 * (len(SHADES) - 1) - 0.25).clip(0, len(SHADES) - 1).astype(int)
    lines = ["".join(SHADES[level] for level in row).rstrip() for row in levels]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines
