"""The curves of a run of sums: how many new questions are answered exactly, and the loss."""

from __future__ import annotations

from pathlib import Path

from groundup.runs.folder import Run
from groundup.tasks.drawing import plain, save_picture, take_series


def draw_curves(
    run: Run, path: Path, behind_it: tuple[str, str] = ("loss", "loss on answers in training, nats per digit")
) -> Path:
    """Draw accuracy on new questions over the steps, and another figure behind it.

    Parameters
    ----------
    run : Run
        What was trained.
    path : Path
        The PNG to write.
    behind_it : tuple of str
        The name of the other figure, and what its axis is called.
    """
    from matplotlib.figure import Figure

    lines = run.metrics()
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    behind = axes.twinx()
    behind.plot(*take_series(lines, behind_it[0]), color="#9db8d9")
    behind.set_ylabel(behind_it[1], color="#5b7ea8")
    steps, shares = take_series(lines, "accuracy")
    if len(steps):
        label = f"new questions answered exactly, at last {100 * shares[-1]:.2f} %"
        axes.plot(steps, 100 * shares, "o-", color="#c0392b", markersize=4, label=label)
        axes.legend(frameon=False, loc="center right")
    axes.set(xlabel="step", ylabel="exact answers, %", ylim=(-2, 102))
    axes.set_zorder(behind.get_zorder() + 1)  # the accuracy in front
    axes.patch.set_visible(False)
    axes.set_title(f"{plain(run.name)}: answers to questions it never saw")
    for one in (axes, behind):
        one.spines["top"].set_visible(False)
    return save_picture(figure, path)
