"""Pictures of a gpt run: its curves, and what its heads look at."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundup.data.corpus.tokens import Tokenizer
from groundup.models.attention_maps import look
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.drawing import plain, save_picture, take_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_curves(run: Run, path: Path) -> None:
    """Draw training and validation loss over the steps."""
    from matplotlib.figure import Figure

    lines = run.metrics()
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(*take_series(lines, "loss"), color="#9db8d9", label="training")
    steps, losses = take_series(lines, "validation_loss")
    if len(steps):
        axes.plot(steps, losses, "o-", color="#c0392b", markersize=4, label=f"validation, at last {losses[-1]:.3f}")
    vocabulary = run.config.get("model", {}).get("vocabulary")
    if vocabulary:
        axes.axhline(math.log(vocabulary), color="grey", linewidth=0.8, linestyle=":", label="a blind guess")
    axes.set(xlabel="step", ylabel="loss, nats per token")
    axes.set_title(f"{plain(run.name)}: how surprised it is by the next token")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    save_picture(figure, path)


def draw_attention(model: GPT, tokenizer: Tokenizer, tokens: list[int], path: Path) -> None:
    """Draw, for every head of every layer, how much each token takes of itself and of each token before it.

    Parameters
    ----------
    tokens : list of int
        At most as many as the context.
    path : Path
        The PNG to write.
    """
    from matplotlib.figure import Figure

    weights = [layer[0].float().numpy() for layer in look(model, tokens)]
    layers, heads = len(weights), weights[0].shape[0]
    names = [_label(tokenizer, token) for token in tokens]
    side = min(4.5, max(1.6, 0.14 * len(tokens) + 0.5))
    named = len(tokens) <= 48
    figure = Figure(figsize=(side * heads + 0.8, side * layers + 0.9), layout="constrained", dpi=110)
    grid = np.atleast_2d(figure.subplots(layers, heads, squeeze=False))
    size = min(10.0, 0.7 * side * 72 / len(tokens))
    for layer in range(layers):
        for head in range(heads):
            axes = grid[layer, head]
            shown = np.where(np.tri(len(tokens), dtype=bool), weights[layer][head], np.nan)
            image = axes.imshow(shown, cmap="magma_r", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(f"layer {layer + 1}, head {head + 1}", fontsize=10)
            _name_places(axes, names if named else None, size, first=head == 0, last=layer == layers - 1)
            axes.spines[["top", "right"]].set_visible(False)
    figure.colorbar(image, ax=grid, shrink=0.5, label="share of attention", aspect=40)
    figure.suptitle("Each row is a token; how dark a place is says how much it takes of that token", fontsize=13)
    save_picture(figure, path)


def _name_places(axes: Axes, names: list[str] | None, size: float, first: bool, last: bool) -> None:
    if names is None:
        axes.tick_params(labelsize=6)
        return
    places = range(len(names))
    turned = 90 if max(map(len, names)) > 2 else 0
    axes.set_xticks(places, names if last else [""] * len(names), fontsize=size, rotation=turned, family="monospace")
    axes.set_yticks(places, names if first else [""] * len(names), fontsize=size, family="monospace")
    axes.tick_params(length=1)


def _label(tokenizer: Tokenizer, token: int) -> str:
    # A space and a line end must be seen.
    return plain(tokenizer.decode([token]).replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥"))
