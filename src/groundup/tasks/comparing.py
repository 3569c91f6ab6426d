"""Several runs side by side: where they differ, what each is worth, and their curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.runs.folder import Run
from groundup.tasks.drawing import plain, save_picture, take_series
from groundup.tasks.listing import Summary, find_steps, summarise

# The figure that is drawn of each run: the first of these that it has, as it was measured on new data.
CURVES = ("validation_loss", "test_loss", "loss")


@dataclass(frozen=True)
class Comparison:
    """What distinguishes runs.

    Attributes
    ----------
    runs : list of Summary
        Each run's progress and worth.
    settings : dict of list
        What differs (data, seed, minutes or a setting) → its value in each run.
    seconds : list of float or None
        How long each was trained, where that is known.
    """

    runs: list[Summary]
    settings: dict[str, list[Any]]
    seconds: list[float | None]


def compare_runs(runs: Sequence[Run]) -> Comparison:
    """Return where runs differ; of settings that are equal in all of them nothing is returned."""
    described = [_describe(run) for run in runs]
    names = dict.fromkeys(name for facts in described for name in facts)
    values = {name: [facts.get(name) for facts in described] for name in names}
    differing = {name: row for name, row in values.items() if any(value != row[0] for value in row)}
    seconds = [next((line["seconds"] for line in reversed(run.metrics()) if "seconds" in line), None) for run in runs]
    return Comparison([summarise(run.folder) for run in runs], differing, seconds)


def _describe(run: Run) -> dict[str, Any]:
    config = run.config
    facts = {name: config.get(name) for name in ("data", "seed", "minutes")}
    facts["data"] = facts["data"] or "built in"
    return facts | config.get("settings", {}) | {"steps": find_steps(run)}


def draw_comparison(runs: Sequence[Run], path: Path) -> Path | None:
    """Draw the loss of all runs on the same axes; return the picture's path, ``None`` if no run has a curve."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    drawn = 0
    for run in runs:
        lines = run.metrics()
        for name in CURVES:
            steps, losses = take_series(lines, name)
            if len(steps) > 1:
                label = f"{plain(run.name)}: {name.replace('_', ' ')}, at last {losses[-1]:.4g}"
                axes.plot(steps, losses, label=label, marker="o" if len(steps) < 20 else None, markersize=3)
                drawn += 1
                break
    if not drawn:
        return None
    axes.set(xlabel="step", ylabel="loss")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return save_picture(figure, path)
