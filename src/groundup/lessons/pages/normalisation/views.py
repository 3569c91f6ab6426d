"""What the lesson on normalization shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.signals.deep import (
    ADAM,
    KAIMING,
    LARGE,
    LAYER_NORM,
    LAYERS,
    NORMS,
    PLAIN,
    RMS_NORM,
    SMALL,
    Sent,
    list_widths,
    measure_size,
    send,
    trace_forward,
    train_deep,
)
from groundup.lessons.views import Choice, Points, Slider, View
from groundup.steps.c6_gpt.normalisation import batch_norm, layer_norm, rms_norm

BATCH_NORM = "batch norm"
EPSILON = 1e-5  # that of the norms
ROWS, FEATURES = 3, 4
START = ((1.0, 2.0, 3.0, 4.0), (-1.0, 0.0, 1.0, 8.0), (0.5, 0.5, -0.5, 0.0))
MOST = 9.0


@cache
def _draw_normal() -> list[Float[Tensor, "node input"]]:
    """Return one matrix of normal weights per layer, each divided so that a layer with ReLU keeps the size."""
    random = torch.Generator().manual_seed(0)
    return [
        torch.randn(nodes, inputs, generator=random).double() / math.sqrt(inputs / 2)
        for inputs, nodes in pairwise(list_widths(LAYERS))
    ]


@lru_cache(maxsize=4)
def _send(factor: float, norm: str) -> Sent:
    return send([factor * weight for weight in _draw_normal()], norm=norm)


def compute_sizes(factor: float, norm: str, layer: int) -> dict[str, Any]:
    """Send digits through twelve layers, without and with a norm, and a gradient back.

    Parameters
    ----------
    factor : float
        What the weights of a layer multiply the size by.
    norm : {"layer norm", "RMS norm"}
        What follows the weighted sums of each layer but the last.
    layer : int
        The layer that is told, from 1.

    Returns
    -------
    dict
        ``without`` and ``with``: for each the ``sizes`` of the activations, the input's first, and the sizes of their
        ``gradients``, from layer 1 on; ``origins`` of the sizes of the layer: ``without`` and ``with``.
    """
    frame: dict[str, Any] = {"layer": layer, "norm": norm}
    used = {"without": "none", "with": norm}
    sums = {}
    for name in used:
        sent = _send(factor, used[name])
        sizes = [measure_size(sent.inputs), *(measure_size(h.detach()) for h in sent.outputs)]
        gradients = [measure_size(h.grad) for h in sent.outputs if h.grad is not None]
        frame[name] = {"sizes": sizes, "gradients": gradients}
        sums[name] = sent.sums

    def trace(name: str) -> dict[str, Any]:
        size, *others = frame[name]["sizes"]
        words = ["ReLU"] if name == "without" else [norm, "ReLU"]
        layers = [{"size": other} for other in others]
        return trace_forward(size, sums[name], layers, words, 0.0)[f"size{layer}"]

    before, after = (frame[name]["sizes"][layer] for name in ("without", "with"))
    return {
        **frame,
        "origins": lambda: {name: trace(name) for name in used},
        "says": f"Layer {layer}: the size is {before:.2g} without a norm and {after:.2g} with {norm}.",
    }


def compute_table(numbers: Sequence[Sequence[float]], kind: str, examples: int) -> dict[str, Any]:
    """Normalize up to three examples with four features.

    Parameters
    ----------
    numbers : sequence of three rows of four numbers
        One row per example.
    kind : {"layer norm", "RMS norm", "batch norm"}
        Over which numbers mean and variance are taken.
    examples : int
        How many of the examples are in the batch, from the first.

    Returns
    -------
    dict
        ``before``: all rows; ``after``: those of the batch; ``groups``: for each number of which group it is;
        ``origins`` of ``after`` (``after0_1`` is the second feature of the first example), and of the ``mean0`` and
        ``root0`` of each group (for RMS norm there is no mean).
    """
    whole = torch.tensor(numbers).clamp(-MOST, MOST)
    x = whole[:examples]
    ones, zeros = torch.ones(FEATURES), torch.zeros(FEATURES)
    if kind == BATCH_NORM:
        after = batch_norm(x, ones, zeros, zeros, ones)[0]
    else:
        after = layer_norm(x, ones, zeros) if kind == LAYER_NORM else rms_norm(x, ones)
    place = torch.arange(examples * FEATURES).reshape(examples, FEATURES)
    groups = place % FEATURES if kind == BATCH_NORM else place // FEATURES
    first = ", ".join(f"{round(number, 2) + 0.0:g}" for number in after[0].tolist())
    along = "each feature, over the examples" if kind == BATCH_NORM else "each example, over its features"
    origins = trace_norms(x, after, groups, kind)
    return {
        "before": whole,
        "after": after,
        "groups": groups,
        "kind": kind,
        "means": [origins[f"mean{group}"]["value"] for group in groups.unique().tolist() if kind != RMS_NORM],
        "roots": [origins[f"root{group}"]["value"] for group in groups.unique().tolist()],
        "origins": origins,
        "says": f"{kind.capitalize() if kind != RMS_NORM else kind}: one size for {along}. "
        f"The first example becomes {first}.".replace("-", "−"),
    }


def trace_norms(
    x: Float[Tensor, "example feature"],
    after: Float[Tensor, "example feature"],
    groups: Tensor,
    kind: str,
) -> dict[str, Any]:
    """Return where normalized numbers come from (``after0_1``), and the ``mean0`` and ``root0`` of each group."""
    found: dict[str, Any] = {}
    for group in groups.unique().tolist():
        numbers = x[groups == group].double().tolist()
        count = Factor("numbers", float(len(numbers)), over=True)
        mean = 0.0 if kind == RMS_NORM else sum(numbers) / len(numbers)
        square = sum((number - mean) ** 2 for number in numbers) / len(numbers)
        root = math.sqrt(square + EPSILON)
        named = "x" if kind == RMS_NORM else "(x − μ)"
        spread = [[Factor(f"{named}²", (number - mean) ** 2), count] for number in numbers]
        found[f"root{group}"] = trace_sum("root", root, *spread, [Factor("ε", EPSILON)], then="√(·)")
        if kind != RMS_NORM:
            found[f"mean{group}"] = trace_sum("mean μ", mean, *([Factor("x", number), count] for number in numbers))
        for row, column in (groups == group).nonzero().tolist():
            number, over = float(x[row, column]), Factor("root", root, f"root{group}", over=True)
            terms = [[Factor("x", number), over]]
            if kind != RMS_NORM:
                terms.append([Factor("−μ", -mean, f"mean{group}"), over])
            found[f"after{row}_{column}"] = trace_sum("after the norm", float(after[row, column]), *terms)
    return found


VIEWS = {
    "sizes": View(
        "Twelve layers, without and with a norm",
        compute_sizes,
        (
            Slider("factor", "factor of a layer", 1.0, low=0.05, high=8.0, step=0.01, log=True),
            Choice("norm", "norm", LAYER_NORM, (LAYER_NORM, RMS_NORM)),
            Slider("layer", "layer", LAYERS - 1, low=1, high=LAYERS, step=1),
        ),
    ),
    "table": View(
        "A batch of examples, normalized",
        compute_table,
        (
            Points("numbers", "three examples with four features", START, least=ROWS, most=ROWS),
            Choice("kind", "kind", LAYER_NORM, (LAYER_NORM, RMS_NORM, BATCH_NORM)),
            Slider("examples", "examples in the batch", ROWS, low=1, high=ROWS, step=1),
        ),
    ),
    "learning": View(
        "A deep network learns to read digits, with a norm",
        train_deep,
        (
            Choice("init", "first weights", KAIMING, (SMALL, LARGE, KAIMING)),
            Choice("norm", "normalization", "none", NORMS),
            Choice("optimizer", "optimizer", ADAM, (PLAIN, ADAM)),
        ),
        stream=True,
    ),
}
