"""Pictures of a sentiment run: its curves, the words that lean most, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundup.estimators.sentiment_models import TextModel
from groundup.runs.folder import Run
from groundup.tasks.drawing import plain, save_picture, take_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POSITIVE, NEGATIVE = "#2b7a4b", "#c0392b"


def draw_curves(run: Run, path: Path) -> None:
    """Draw loss and accuracy over the steps."""
    from matplotlib.figure import Figure

    lines = run.metrics()
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(*take_series(lines, "loss"), color="#2c5d8a")
    left.set(xlabel="step", ylabel="loss, nats per text", title=f"{plain(run.name)}: loss in training")
    steps, accuracy = take_series(lines, "accuracy")
    right.plot(steps, 100 * accuracy, color="#9db8d9", label="training")
    steps, accuracy = take_series(lines, "validation_accuracy")
    if len(steps):
        right.plot(steps, 100 * accuracy, "o-", color=NEGATIVE, markersize=4, label="validation")
    right.set(xlabel="step", ylabel="accuracy, %", title="accuracy")
    right.legend(frameon=False)
    _save(figure, [left, right], path)


def draw_leaning_words(model: TextModel, path: Path, count: int = 15, classes: Sequence[str] = ()) -> None:
    """Draw the words that lean most to either side, or for several classes those that speak most for each."""
    from matplotlib.figure import Figure

    leans = model.lean().numpy()[1:-1]
    if leans.ndim == 2:
        _draw_class_words(model, leans, path, classes)
        return
    order = np.argsort(leans, kind="stable")
    chosen = np.unique(np.concatenate([order[:count], order[::-1][:count]]))
    chosen = chosen[np.argsort(leans[chosen], kind="stable")]
    figure = Figure(figsize=(6, 0.8 + 0.2 * len(chosen)), layout="constrained")
    axes = figure.subplots()
    colours = [POSITIVE if leans[word] > 0 else NEGATIVE for word in chosen]
    axes.barh(range(len(chosen)), leans[chosen], color=colours)
    axes.set_yticks(range(len(chosen)), [plain(model.vocabulary.words[word]) for word in chosen], fontsize=8)
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set(
        xlabel="← negative      weight of the word alone      positive →", title="Words with the strongest sentiment"
    )
    _save(figure, [axes], path)


def _draw_class_words(
    model: TextModel, leans: np.ndarray, path: Path, classes: Sequence[str], count: int = 10, most: int = 12
) -> None:
    from matplotlib.figure import Figure

    shown = classes[:most]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(3.6 * columns, 0.6 + 2.4 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for place, (axes, name) in enumerate(zip(grid, shown, strict=False)):
        chosen = np.argsort(-leans[:, place], kind="stable")[:count][::-1]
        axes.barh(range(len(chosen)), leans[chosen, place], color=POSITIVE)
        axes.set_yticks(range(len(chosen)), [plain(model.vocabulary.words[word]) for word in chosen], fontsize=8)
        axes.set_title(plain(name), fontsize=10)
    for axes in grid[len(shown) :]:
        axes.set_visible(False)
    hidden = f"; the first {most} of {len(classes)} classes" if len(classes) > most else ""
    figure.suptitle(f"Words that speak most for each class{hidden}")
    _save(figure, list(grid), path)


def draw_certainty(probabilities: np.ndarray, labels: np.ndarray, path: Path) -> None:
    """Draw the model's confidence, separately for the two labels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 3.6), layout="constrained")
    axes = figure.subplots()
    groups = [probabilities[labels], probabilities[~labels]]
    names = [f"labelled positive ({labels.sum()})", f"labelled negative ({(~labels).sum()})"]
    axes.hist(groups, bins=np.linspace(0, 1, 21).tolist(), color=[POSITIVE, NEGATIVE], label=names)
    axes.axvline(0.5, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="probability of positive", ylabel="texts", title="How confident it was")
    axes.legend(frameon=False)
    _save(figure, [axes], path)


def _save(figure: Figure, all_axes: list[Axes], path: Path) -> None:
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
    save_picture(figure, path, dpi=120)
