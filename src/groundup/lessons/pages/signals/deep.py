"""The deep digit network of the lessons on signals and on normalization: before its training, and in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.data.images.images import load_builtin
from groundup.lessons.origins import Factor, trace_sum
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.initialisation import kaiming_init, random_init, xavier_init
from groundup.steps.c4_training.optimisers import SGD, Adam
from groundup.steps.c6_gpt.normalisation import layer_norm, rms_norm

SMALL, LARGE, XAVIER, KAIMING, ZERO = "0.01 · normal", "1 · normal", "Xavier", "Kaiming", "all zero"
INITS: dict[str, Callable[[int, int], Tensor]] = {
    SMALL: lambda fan_in, fan_out: 0.01 * random_init(fan_in, fan_out),
    LARGE: random_init,
    XAVIER: xavier_init,
    KAIMING: kaiming_init,
    ZERO: lambda fan_in, fan_out: torch.zeros(fan_out, fan_in),
}
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh, "none": lambda z: z}
LAYER_NORM, RMS_NORM = "layer norm", "RMS norm"
NORMS = ("none", LAYER_NORM, RMS_NORM)
LAYERS, WIDTH, CLASSES, BATCH, STEPS = 12, 64, 10, 64, 120
EXAMPLES = 128
RECENT = 20  # so many losses are averaged: that of one batch is partly chance
PLAIN, ADAM = "plain descent", "Adam"
RATES = {PLAIN: 0.01, ADAM: 0.001}


def normalize(z: Float[Tensor, "batch node"], norm: str) -> Float[Tensor, "batch node"]:
    """Return the nodes of one layer after a norm with scale 1 and shift 0, or unchanged."""
    ones, zeros = torch.ones_like(z[0]), torch.zeros_like(z[0])
    return {"none": lambda: z, LAYER_NORM: lambda: layer_norm(z, ones, zeros), RMS_NORM: lambda: rms_norm(z, ones)}[
        norm
    ]()


def measure_size(numbers: Tensor) -> float:
    """Return the root of the mean square, computed so that neither very large nor very small numbers are lost."""
    return float(numbers.double().square().mean().sqrt())


@cache
def load_pictures() -> tuple[Float[Tensor, "batch feature"], Int[Tensor, " batch"]]:
    """Return the built-in digits, with mean 0 and standard deviation 1, and what they are."""
    images = load_builtin()
    pixels = torch.from_numpy(images.pixels.copy()).flatten(1).float()
    return (pixels - pixels.mean()) / pixels.std(), torch.from_numpy(images.labels)


def list_widths(depth: int) -> list[int]:
    """Return the number of pixels, and of nodes in each layer."""
    return [load_pictures()[0].shape[1], *[WIDTH] * (depth - 1), CLASSES]


@dataclass
class Sent:
    """Pictures that were sent through new layers, and a gradient that was sent back.

    Attributes
    ----------
    inputs : Tensor
        The pictures.
    sums, outputs : list of Tensor
        The weighted sums of each layer, and what it returns; each holds its gradient.
    loss : float
        The cross-entropy of the last layer's scores.
    """

    inputs: Tensor
    sums: list[Tensor]
    outputs: list[Tensor]
    loss: float


def send(weights: Sequence[Tensor], activation: str = "relu", norm: str = "none", bias: float = 0.0) -> Sent:
    """Send 128 digits through layers, and the gradient of the loss back.

    Parameters
    ----------
    weights : sequence of Tensor
        One matrix per layer.
    activation, norm : str
        What follows the weighted sums of each layer but the last: first the norm.
    bias : float
        What each node adds.
    """
    pictures, labels = load_pictures()
    x, targets = pictures[:EXAMPLES].double(), labels[:EXAMPLES]
    sums: list[Tensor] = []
    outputs: list[Tensor] = []
    h = x
    for weight in weights:
        z = h @ weight.double().T + bias  # twenty layers that explode are too much for 32 bits
        if not z.requires_grad:
            z.requires_grad_()
        h = z if len(sums) == len(weights) - 1 else ACTIVATIONS[activation](normalize(z, norm))
        z.retain_grad()
        h.retain_grad()
        sums.append(z)
        outputs.append(h)
    loss = cross_entropy(h, targets)
    loss.backward()
    return Sent(x, sums, outputs, loss.item())


def trace_forward(
    input_size: float, sums: Sequence[Tensor], layers: Sequence[dict[str, Any]], words: Sequence[str], bias: float
) -> dict[str, Any]:
    """Return where the size of each layer's activations comes from: the size before, and the factor of each part.

    Parameters
    ----------
    input_size : float
        The size of the input.
    sums : sequence of Tensor
        The weighted sums of each layer.
    layers : sequence of dict
        The ``size`` of each layer's activations, and the ``back_size`` of the gradient of its weighted sums.
    words : sequence of str
        What follows the weighted sums of each layer but the last.
    bias : float
        What each node adds.
    """
    found = {}
    before = Factor("size of the input", input_size)
    for number, (z, layer) in enumerate(zip(sums, layers, strict=True), 1):
        parts = [("weights and bias" if bias else "weights", measure_size(z.detach()))]
        if words and number < len(layers):
            parts.append((" and ".join(words), layer["size"]))
        found[f"size{number}"] = trace_sum(f"size of layer {number}", layer["size"], multiply(before, parts))
        before = Factor(f"size of layer {number}", layer["size"], f"size{number}")
    return found


def trace_back(outputs: Sequence[Tensor], layers: Sequence[dict[str, Any]], words: Sequence[str]) -> dict[str, Any]:
    """Return where the size of each layer's gradient but the last comes from; parameters as of `trace_forward`.

    ``outputs``: the activations of each layer.
    """
    found = {}
    for number in range(len(layers) - 1, 0, -1):
        before = Factor(f"gradient of layer {number + 1}", layers[number]["back_size"], f"back{number + 1}")
        along, size = outputs[number - 1].grad, layers[number - 1]["back_size"]
        assert along is not None
        parts = [("weights", measure_size(along))]
        if words:
            parts.append((" and ".join(f"slope of {word}" for word in words), size))
        found[f"back{number}"] = trace_sum(f"gradient of layer {number}", size, multiply(before, parts))
    return found


def multiply(before: Factor, parts: Sequence[tuple[str, float]]) -> list[Factor]:
    """Return a size and the factors of the parts that it goes through, each given with the size after it."""
    factors, size = [before], before.value
    if not size and parts[-1][1]:
        return [Factor("made by the bias alone", parts[-1][1])]
    for name, after in parts:
        if size:
            factors.append(Factor(f"by the {name}", after / size))
        size = after
    return factors


def _tell_loss(losses: Sequence[float]) -> str:
    """Return the mean of the last losses in words."""
    recent = losses[-RECENT:]
    mean = sum(recent) / len(recent)
    if not math.isfinite(mean):
        return "the numbers have become too large for the computer"
    told = f"{mean:.2f}" if mean < 1000 else f"{mean:.2g}"
    return f"the loss is {told}" + (f", as a mean over {len(recent)} steps" if len(recent) > 1 else "")


def train_deep(init: str, norm: str, optimizer: str = PLAIN, depth: int = LAYERS) -> Iterator[dict[str, Any]]:
    """Train a deep network on the built-in digits, and yield a frame every second step.

    Parameters
    ----------
    init : str
        How the weights are drawn.
    norm : str
        The norm after each layer but the last.
    optimizer : {"plain descent", "Adam"}
        What changes the weights, with the learning rate 0.01 or 0.001.
    depth : int
        The number of layers.

    Yields
    ------
    dict
        ``losses``: the loss of every step so far; ``sizes`` and ``gradients``: for each layer the size of its
        activations and of its weights' gradient, in this step.
    """
    guess = math.log(10)
    frame = {"guess": guess, "steps": STEPS, "depth": depth}
    yield {**frame, "losses": [], "sizes": [], "gradients": [], "step": 0, "says": "Ready."}
    inputs, targets = load_pictures()
    torch.manual_seed(0)
    widths = list_widths(depth)
    weights = [torch.nn.Parameter(INITS[init](*pair)) for pair in pairwise(widths)]
    biases = [torch.nn.Parameter(torch.zeros(nodes)) for nodes in widths[1:]]
    rule = {PLAIN: SGD, ADAM: Adam}[optimizer]([*weights, *biases], RATES[optimizer])
    order = torch.Generator().manual_seed(0)
    losses: list[float] = []
    for step in range(STEPS + 1):
        batch = torch.randint(len(inputs), (BATCH,), generator=order)
        h, sizes = inputs[batch], []
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
            h = h @ weight.T + bias
            if layer < depth:
                h = torch.relu(normalize(h, norm))
            sizes.append(measure_size(h.detach()))
        loss = cross_entropy(h, targets[batch])
        rule.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step % 2 == 0:
            yield {
                **frame,
                "losses": losses,
                "sizes": sizes,
                "gradients": [measure_size(weight.grad) for weight in weights if weight.grad is not None],
                "step": step,
                "says": f"Step {step}: {_tell_loss(losses)}; a guess has {guess:.2f}.",
            }
        rule.step()
