"""What the lesson on initialization and normalization shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.data.images.images import load_builtin
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Points, Slider, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.initialisation import kaiming_init, random_init, xavier_init
from groundup.steps.c4_training.optimisers import SGD, Adam
from groundup.steps.c6_gpt.normalisation import batch_norm, layer_norm, rms_norm

SMALL, LARGE, XAVIER, KAIMING, ZERO = "0.01 · normal", "1 · normal", "Xavier", "Kaiming", "all zero"
INITS: dict[str, Callable[[int, int], Tensor]] = {
    SMALL: lambda fan_in, fan_out: 0.01 * random_init(fan_in, fan_out),
    LARGE: random_init,
    XAVIER: xavier_init,
    KAIMING: kaiming_init,
    ZERO: lambda fan_in, fan_out: torch.zeros(fan_out, fan_in),
}
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh, "none": lambda z: z}
NORMS = ("none", "layer norm", "RMS norm")
EXAMPLES = 128
BINS = 31
RANGE = 3.0
EPSILON = 1e-5  # that of the norms
LAYERS, WIDTH, BATCH, STEPS = 12, 64, 64, 120
RECENT = 20  # so many losses are averaged: that of one batch is partly chance
PLAIN, ADAM = "plain descent", "Adam"
RATES = {PLAIN: 0.01, ADAM: 0.001}
INPUTS = 100


def normalize(z: Float[Tensor, "batch node"], norm: str) -> Float[Tensor, "batch node"]:
    """Return the nodes of one layer after a norm with scale 1 and shift 0, or unchanged."""
    ones, zeros = torch.ones_like(z[0]), torch.zeros_like(z[0])
    return {"none": lambda: z, "layer norm": lambda: layer_norm(z, ones, zeros), "RMS norm": lambda: rms_norm(z, ones)}[
        norm
    ]()


def measure_size(numbers: Tensor) -> float:
    """Return the root of the mean square, computed so that neither very large nor very small numbers are lost."""
    return float(numbers.double().square().mean().sqrt())


def count_bins(numbers: Tensor, size: float) -> Float[Tensor, " bin"]:
    """Return a histogram between −3 and 3 times a size, as fractions of all numbers; what is outside counts as edge."""
    scaled = numbers.double() / (size or 1.0)
    counts = torch.histc(scaled.clamp(-RANGE, RANGE), BINS, -RANGE, RANGE)
    return counts / max(numbers.numel(), 1)


def compute_layers(init: str, activation: str, norm: str, depth: int, width: int, bias: float) -> dict[str, Any]:
    """Send random examples through new layers, and a gradient back.

    Parameters
    ----------
    init : str
        How the weights are drawn.
    activation, norm : str
        What follows each layer, in the order norm, activation; nothing follows the last layer but the norm.
    depth, width : int
        The number of layers, and of inputs and nodes of each.
    bias : float
        What each node adds.

    Returns
    -------
    dict
        ``layers``: for each layer the ``size`` (root of the mean square) of its activations, their ``histogram``
        between −3 and 3 times that size, the same for the gradient along its weighted sums (``back_size``,
        ``back_histogram``), and the fraction of ``dead`` nodes; ``origins`` of the sizes: ``size1`` of layer 1, and
        ``back1`` of its gradient.
    """
    torch.manual_seed(0)
    # Twenty layers that explode are too much for 32 bits.
    weights = [INITS[init](width, width).double() for _ in range(depth)]
    x = torch.randn(EXAMPLES, width, generator=torch.Generator().manual_seed(1)).double()
    y = torch.randn(EXAMPLES, width, generator=torch.Generator().manual_seed(2)).double()
    sums: list[Tensor] = []
    outputs: list[Tensor] = []
    h = x
    for weight in weights:
        z = h @ weight.T + bias
        if not z.requires_grad:
            z.requires_grad_()
        z.retain_grad()
        last = len(sums) == depth - 1
        h = normalize(z, norm)
        h = h if last else ACTIVATIONS[activation](h)
        h.retain_grad()
        sums.append(z)
        outputs.append(h)
    ((h - y) ** 2).mean().backward()
    layers: list[dict[str, Any]] = []
    for z, h in zip(sums, outputs, strict=True):
        assert z.grad is not None
        forward, back = h.detach(), z.grad
        size, back_size = measure_size(forward), measure_size(back)
        dead = float((forward == 0).all(dim=0).double().mean()) if activation == "relu" and z is not sums[-1] else 0.0
        layers.append(
            {
                "size": size,
                "histogram": count_bins(forward, size),
                "back_size": back_size,
                "back_histogram": count_bins(back, back_size),
                "dead": dead,
            }
        )
    most_dead = max(layer["dead"] for layer in layers)
    all_dead = sum(layer["dead"] == 1 for layer in layers)
    text = (
        f"The size of the activations goes from {layers[0]['size']:.2g} in the first layer to {layers[-1]['size']:.2g} "
        f"in the last; the gradient goes back from {layers[-1]['back_size']:.2g} to {layers[0]['back_size']:.2g}."
    )
    if all_dead:
        text += f" In {all_dead} {'layer' if all_dead == 1 else 'layers'} every node returns 0 for every example."
    elif most_dead:
        text += f" In the worst layer {most_dead:.0%} of the nodes return 0 for every example."
    words = [] if norm == "none" else ["norm"]
    words += [] if activation == "none" else [{"relu": "ReLU"}.get(activation, activation)]
    origins = trace_forward(measure_size(x), sums, layers, words, bias) | trace_back(outputs, layers, words)
    return {"layers": layers, "input_size": measure_size(x), "range": RANGE, "origins": origins, "says": text}


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
        As of `compute_layers`.
    words : sequence of str
        What follows the weighted sums of a layer, the activation last; it does not follow those of the last layer.
    bias : float
        What each node adds.
    """
    found = {}
    before = Factor("size of the input", input_size)
    for number, (z, layer) in enumerate(zip(sums, layers, strict=True), 1):
        parts = [("weights and bias" if bias else "weights", measure_size(z.detach()))]
        if named := [word for word in words if number < len(layers) or word == "norm"]:
            parts.append((" and ".join(named), layer["size"]))
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


@cache
def _draw_normal() -> tuple[Float[Tensor, "batch node"], list[Float[Tensor, "node node"]]]:
    """Return examples of the size 1, and one matrix of normal weights per layer."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(EXAMPLES, INPUTS, generator=random).double()
    return x / measure_size(x), [torch.randn(INPUTS, INPUTS, generator=random).double() for _ in range(LAYERS)]


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
    deviation = factor / math.sqrt(INPUTS / 2)
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
    growth = [Factor("σ", deviation), Factor("√(100 ÷ 2)", math.sqrt(INPUTS / 2))]
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


@cache
def _load_pictures() -> tuple[Float[Tensor, "batch feature"], Tensor]:
    images = load_builtin()
    pixels = torch.from_numpy(images.pixels.copy()).flatten(1).float()
    return (pixels - pixels.mean()) / pixels.std(), torch.from_numpy(images.labels)


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
    inputs, targets = _load_pictures()
    torch.manual_seed(0)
    widths = [inputs.shape[1], *[WIDTH] * (depth - 1), 10]
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


FEATURES, ROWS = 4, 3
START = tuple(
    (float(place), value) for place, value in enumerate([1, 2, 3, 4, -1, 0, 1, 8, 0.5, 0.5, -0.5, 0.0], start=1)
)


def compute_norms(numbers: Sequence[Sequence[float]], kind: str) -> dict[str, Any]:
    """Normalize three examples with four features.

    Parameters
    ----------
    numbers : sequence of pairs
        Twelve points; the second number of each is a feature's value, first the four of the first example.
    kind : {"layer norm", "RMS norm", "batch norm"}
        Over which numbers mean and variance are taken.

    Returns
    -------
    dict
        ``before`` and ``after``: arrays (3, 4); ``groups``: for each number of which group it is; ``means`` and
        ``spreads``: for each group its mean and standard deviation (for RMS norm 0 and the root of the mean square);
        ``origins`` of ``after`` (``after0_1`` is the second feature of the first example).
    """
    values = [float(pair[1]) for pair in numbers][: ROWS * FEATURES]
    x = torch.tensor(values + [0.0] * (ROWS * FEATURES - len(values))).reshape(ROWS, FEATURES)
    ones, zeros = torch.ones(FEATURES), torch.zeros(FEATURES)
    over = 0 if kind == "batch norm" else 1
    if kind == "layer norm":
        after = layer_norm(x, ones, zeros)
    elif kind == "RMS norm":
        after = rms_norm(x, ones)
    else:
        after = batch_norm(x, ones, zeros, zeros, ones)[0]
    means = torch.zeros(ROWS) if kind == "RMS norm" else x.mean(dim=over)
    spreads = x.square().mean(dim=1).sqrt() if kind == "RMS norm" else x.std(dim=over, unbiased=False)
    place = torch.arange(ROWS * FEATURES).reshape(ROWS, FEATURES)
    groups = place % FEATURES if kind == "batch norm" else place // FEATURES
    first = [round(number, 2) + 0.0 for number in after[0].tolist()]
    return {
        "before": x,
        "after": after,
        "groups": groups,
        "origins": trace_norms(x, after, groups, kind),
        "means": means,
        "spreads": spreads,
        "kind": kind,
        "says": f"{kind}: the first example becomes {', '.join(f'{number:g}' for number in first)}.".replace("-", "−"),
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
        mean = 0.0 if kind == "RMS norm" else sum(numbers) / len(numbers)
        square = sum((number - mean) ** 2 for number in numbers) / len(numbers)
        root = math.sqrt(square + EPSILON)
        named = "x" if kind == "RMS norm" else "(x − μ)"
        spread = [[Factor(f"{named}²", (number - mean) ** 2), count] for number in numbers]
        found[f"root{group}"] = trace_sum("root", root, *spread, [Factor("ε", EPSILON)], then="√(·)")
        if kind != "RMS norm":
            found[f"mean{group}"] = trace_sum("mean μ", mean, *([Factor("x", number), count] for number in numbers))
        for row, column in (groups == group).nonzero().tolist():
            number, over = float(x[row, column]), Factor("root", root, f"root{group}", over=True)
            terms = [[Factor("x", number), over]]
            if kind != "RMS norm":
                terms.append([Factor("−μ", -mean, f"mean{group}"), over])
            found[f"after{row}_{column}"] = trace_sum("after the norm", float(after[row, column]), *terms)
    return found


VIEWS = {
    "layers": View(
        "Numbers on their way through the layers",
        compute_layers,
        (
            Choice("init", "first weights", SMALL, tuple(INITS)),
            Choice("activation", "activation", "relu", tuple(ACTIVATIONS)),
            Choice("norm", "normalization", "none", NORMS),
            Slider("depth", "layers", 2, low=1, high=20, step=1),
            Slider("width", "nodes per layer", 100, low=10, high=150, step=10),
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
        train_deep,
        (
            Choice("init", "first weights", SMALL, (SMALL, LARGE, XAVIER, KAIMING)),
            Choice("norm", "normalization", "none", NORMS),
            Choice("optimizer", "optimizer", PLAIN, (PLAIN, ADAM)),
            Slider("depth", "layers", LAYERS, low=2, high=20, step=1),
        ),
        stream=True,
    ),
    "norms": View(
        "Three examples, normalized",
        compute_norms,
        (
            Points("numbers", "three examples with four features", START, least=12, most=12),
            Choice("kind", "kind", "layer norm", ("layer norm", "RMS norm", "batch norm")),
        ),
    ),
}
