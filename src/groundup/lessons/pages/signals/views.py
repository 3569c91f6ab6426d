"""What the lesson on initialization shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.signals.deep import (
    ACTIVATIONS,
    ADAM,
    CLASSES,
    EXAMPLES,
    INITS,
    KAIMING,
    LARGE,
    LAYERS,
    PLAIN,
    SMALL,
    WIDTH,
    XAVIER,
    list_widths,
    measure_size,
    send,
    trace_back,
    trace_forward,
    train_deep,
)
from groundup.lessons.views import Choice, Slider, View

BINS = 31
RANGE = 3.0
GUESS = math.log(CLASSES)


def count_bins(numbers: Tensor, size: float) -> Float[Tensor, " bin"]:
    """Return a histogram between −3 and 3 times a size, as fractions of all numbers; what is outside counts as edge."""
    scaled = numbers.double() / (size or 1.0)
    counts = torch.histc(scaled.clamp(-RANGE, RANGE), BINS, -RANGE, RANGE)
    return counts / max(numbers.numel(), 1)


def compute_layers(init: str, activation: str, depth: int, bias: float) -> dict[str, Any]:
    """Send digits through a network that has learned nothing yet, and a gradient back.

    Parameters
    ----------
    init : str
        How the weights are drawn.
    activation : str
        What follows each layer but the last.
    depth : int
        The number of layers.
    bias : float
        What each node adds.

    Returns
    -------
    dict
        ``layers``: for each layer the ``size`` (root of the mean square) of its activations, their ``histogram``
        between −3 and 3 times that size, the same for the gradient along its weighted sums (``back_size``,
        ``back_histogram``), and the fraction of ``dead`` nodes; the ``loss``; ``origins`` of the sizes: ``size1`` of
        layer 1, and ``back1`` of its gradient.
    """
    torch.manual_seed(0)
    sent = send([INITS[init](*pair) for pair in pairwise(list_widths(depth))], activation, bias=bias)
    layers: list[dict[str, Any]] = []
    for z, h in zip(sent.sums, sent.outputs, strict=True):
        assert z.grad is not None
        forward, back = h.detach(), z.grad
        size, back_size = measure_size(forward), measure_size(back)
        dead = float((forward == 0).all(dim=0).double().mean()) if activation == "relu" and h is not z else 0.0
        layers.append(
            {
                "size": size,
                "histogram": count_bins(forward, size),
                "back_size": back_size,
                "back_histogram": count_bins(back, back_size),
                "dead": dead,
            }
        )
    words = {"none": [], "relu": ["ReLU"]}.get(activation, [activation])

    def trace() -> dict[str, Any]:
        forward = trace_forward(measure_size(sent.inputs), sent.sums, layers, words, bias)
        return forward | trace_back(sent.outputs, layers, words)

    return {
        "layers": layers,
        "loss": sent.loss,
        "range": RANGE,
        "origins": trace,
        "says": tell_layers(layers, sent.loss),
    }


def tell_layers(layers: list[dict[str, Any]], loss: float) -> str:
    """Return the sizes of the first and the last layer, the loss, and how many nodes are dead, in words."""
    first, last = layers[0], layers[-1]
    text = (
        f"Size of the activations: {first['size']:.2g} in the first layer, {last['size']:.2g} in the last. Gradient: "
        f"{last['back_size']:.2g} in the last, {first['back_size']:.2g} in the first. "
        f"First loss {loss:.3g} (a guess: {GUESS:.3g})."
    )
    most_dead = max(layer["dead"] for layer in layers)
    all_dead = sum(layer["dead"] == 1 for layer in layers)
    if all_dead:
        return text + f" In {all_dead} {'layer' if all_dead == 1 else 'layers'} every node returns 0 for every example."
    return text + (f" In the worst layer {most_dead:.0%} of the nodes return 0 for every example." if most_dead else "")


@cache
def _draw_normal() -> tuple[Float[Tensor, "batch node"], list[Float[Tensor, "node node"]]]:
    """Return examples of the size 1, and one matrix of normal weights per layer."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(EXAMPLES, WIDTH, generator=random).double()
    return x / measure_size(x), [torch.randn(WIDTH, WIDTH, generator=random).double() for _ in range(LAYERS)]


def compute_walk(factor: float, layer: int) -> dict[str, Any]:
    """Send examples of the size 1 through twelve layers with a ReLU, whose weights are drawn for one factor per layer.

    Parameters
    ----------
    factor : float
        What a layer should multiply the size by: σ √(fan_in / 2).
    layer : int
        The layer that is told.

    Returns
    -------
    dict
        ``expected``: the factor to the power of 0 to 12; ``measured``: the sizes in the network, the input first;
        ``deviation``: σ of the weights; ``origins`` of the powers (``power3``) and of the factor.
    """
    deviation = factor / math.sqrt(WIDTH / 2)
    h, weights = _draw_normal()
    measured = [measure_size(h)]
    for weight in weights:
        h = torch.relu(h @ (deviation * weight).T)
        measured.append(measure_size(h))
    expected = [factor**place for place in range(LAYERS + 1)]
    says = (
        f"After layer {layer}: {factor:g} to the power of {layer} is {expected[layer]:.2g}; "
        f"the network's size is {measured[layer]:.2g}. Its weights have σ = {deviation:.3g}."
        if layer
        else f"The input has the size 1. Each layer multiplies it by about {factor:g} (σ = {deviation:.3g})."
    )
    growth = [Factor("σ", deviation), Factor("√(64 ÷ 2)", math.sqrt(WIDTH / 2))]
    origins = {"factor": trace_sum("factor of a layer", factor, growth)}
    for place in range(1, LAYERS + 1):
        before = Factor(
            f"size after layer {place - 1}" if place > 1 else "size of the input",
            expected[place - 1],
            f"power{place - 1}",
        )
        steps = [before, Factor("factor", factor, "factor")]
        origins[f"power{place}"] = trace_sum(f"size after layer {place}", expected[place], steps)
    return {"expected": expected, "measured": measured, "deviation": deviation, "origins": origins, "says": says}


def train(init: str, optimizer: str, depth: int) -> Iterator[dict[str, Any]]:
    """Train without a norm; parameters and frames as of `train_deep`."""
    return train_deep(init, "none", optimizer, depth)


VIEWS = {
    "layers": View(
        "A digit network before its first step",
        compute_layers,
        (
            Choice("init", "first weights", SMALL, tuple(INITS)),
            Choice("activation", "activation", "relu", tuple(ACTIVATIONS)),
            Slider("depth", "layers", 2, low=1, high=20, step=1),
            Slider("bias", "bias", 0.0, low=-1.0, high=1.0, step=0.05),
        ),
    ),
    "walk": View(
        "One size on its way through twelve layers",
        compute_walk,
        (
            Slider("factor", "factor of a layer", 0.7, low=0.05, high=8.0, step=0.01, log=True),
            Slider("layer", "layer", 0, low=0, high=LAYERS, step=1, plays=True),
        ),
    ),
    "learning": View(
        "A deep network learns to read digits",
        train,
        (
            Choice("init", "first weights", SMALL, (SMALL, LARGE, XAVIER, KAIMING)),
            Choice("optimizer", "optimizer", PLAIN, (PLAIN, ADAM)),
            Slider("depth", "layers", LAYERS, low=2, high=20, step=1),
        ),
        stream=True,
    ),
}
