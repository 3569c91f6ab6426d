"""What the lesson's views show: a network that learns a border, and a hidden layer that bends the plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import contourpy
import numpy as np
import torch
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.network.points import INPUTS, expand, scatter
from groundup.lessons.views import Choice, Points, Several, Slider, Switch, View
from groundup.steps.c3_networks import backpropagation
from groundup.steps.c3_networks.activation import relu as bend
from groundup.steps.c3_networks.activation import sigmoid
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c3_networks.neuron import relu
from groundup.steps.c4_training.linear import Linear, linear
from groundup.steps.c4_training.network import Network, collapse
from groundup.steps.c4_training.optimisers import SGD

REACH = 3.0
MOST_STEPS = 600
PER_FRAME = 4
# How finely the map of a node and the map of the whole network are drawn.
COARSE, FINE = 15, 45
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"ReLU": bend, "tanh": torch.tanh, "sigmoid": sigmoid}
# The network of the worked example: one column of weights per node.
W1, B1 = np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([0.0, -2.0])
W2, B2 = np.array([[1.0], [-1.0]]), np.array([0.0])


def make_grid(side: int, around: int = 0) -> Tensor:
    """Return the centres of ``side`` × ``side`` cells of the plane, row by row from the top.

    ``around`` is how many further cells of this size lie on each side of them.
    """
    centres = (torch.arange(-around, side + around) + 0.5) / side * 2 * REACH - REACH
    y, x = torch.meshgrid(-centres, centres, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


@torch.no_grad()
def map_plane(model: Network, inputs: Sequence[str]) -> tuple[Tensor, list[np.ndarray]]:
    """Return the probability of class 1 on the fine grid, in percent, and the lines on which both scores are equal.

    The lines are interpolated between points where the network is computed, which lie also a little outside of the
    plane: where the scores are linear, a line is exactly straight and goes on to the frame.
    """
    grid, side = make_grid(FINE, around=1), FINE + 2
    scores = model(expand(grid, inputs))
    ahead = (scores[:, 1] - scores[:, 0]).reshape(side, side).numpy().astype(float)
    x, y = grid[:side, 0].numpy().astype(float), grid[::side, 1].numpy().astype(float)
    lines = cast(list[np.ndarray], contourpy.contour_generator(x, y, ahead).lines(0.0))
    share = 100 * scores.softmax(dim=1)[:, 1].reshape(side, side)[1:-1, 1:-1]
    return share.flatten().round().int(), [np.round(line, 4) for line in lines]


class Straight(Network):
    """The step's network without its ReLUs: however many layers, it equals a single one."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of the single layer that all layers collapse to."""
        return linear(x, *collapse(cast(list[Linear], list(self.layers))))


class Curved(Network):
    """The step's network with another activation.

    Parameters
    ----------
    sizes : sequence of int
        As of `Network`.
    activation : callable
        What stands in place of the ReLU.
    """

    def __init__(self, sizes: Sequence[int], activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__(sizes)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, one row per example."""
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


def build(sizes: Sequence[int], activation: str) -> Network:
    """Return a network with the activation of that name; "none" is no activation at all."""
    if activation == "ReLU":
        return Network(sizes)
    return Straight(sizes) if activation == "none" else Curved(sizes, ACTIVATIONS[activation])


@torch.no_grad()
def map_nodes(model: Network, grid: Tensor, activation: str) -> list[Tensor]:
    """Return the values of the inputs and of each layer's hidden nodes on a grid: (nodes, points), −100 to 100.

    ``grid`` holds what the network sees at each point of it, one row per point.
    """
    maps, x = [scale(grid)], grid
    for layer in model.layers[:-1]:
        x = layer(x) if activation == "none" else ACTIVATIONS[activation](layer(x))
        maps.append(scale(x))
    return maps


def scale(values: Tensor) -> Tensor:
    """Return each column of values as a row of whole numbers, of which the farthest from 0 is 100 or −100."""
    most = values.abs().max(dim=0).values.clamp(min=1e-6)
    return (100 * values / most).round().int().T


@torch.no_grad()
def fill(model: Network, numbers: list[float]) -> None:
    """Put numbers into a network's parameters, in their order, if they are just as many."""
    if len(numbers) != sum(parameter.numel() for parameter in model.parameters()):
        return
    rest = torch.tensor(numbers)
    for parameter in model.parameters():
        parameter.copy_(rest[: parameter.numel()].reshape(parameter.shape))
        rest = rest[parameter.numel() :]


def split_slopes(model: Network, x: Tensor, y: Tensor, decay: float) -> list[dict[str, Any]]:
    """Return what the gradient of each weight, which ``backward`` has computed, is a sum of.

    The loss is a mean over all points, so its gradient is a sum of what the points of either class add to it.

    Returns
    -------
    list of dict
        ``name`` of a part, and ``weights``: what it adds to each layer's gradient.
    """
    weights = [cast(Linear, layer).weight for layer in model.layers]
    rest = [cast(Tensor, weight.grad) for weight in weights]
    found = []

    def add(name: str, parts: Sequence[Tensor]) -> None:
        found.append({"name": f"from {name}", "weights": parts})

    if decay:
        shrinking = [decay * weight for weight in weights]
        add("the weight decay", shrinking)
        rest = [whole - part for whole, part in zip(rest, shrinking, strict=True)]
    counts = {color: int((y == label).sum()) for label, color in enumerate(("orange", "blue"))}
    if all(counts.values()):  # what the one class does not add comes from the other
        loss = cross_entropy(model(x[y == 0]), y[y == 0]) * counts["orange"] / len(y)
        orange = torch.autograd.grad(loss, weights)
        parts = {"orange": orange, "blue": [whole - part for whole, part in zip(rest, orange, strict=True)]}
    else:
        parts = {color: rest for color, count in counts.items() if count}
    for color, of_class in parts.items():
        add(f"{counts[color]} {color} point{'s' * (counts[color] > 1)}", of_class)
    return found


@dataclass(frozen=True)
class Settings:
    """What the controls say: the points, the network and its training.

    Attributes
    ----------
    data, noise, points : str, float, and list of rows
        Which points there are, how far they are moved at random, and those of the reader: x, y, class.
    inputs, width, depth, activation : list of str, int, int, str
        The network.
    rate, decay, seed : float, float, int
        The learning rate, the weight decay, and the random start.
    weights : list of rows
        The weights that it begins with, one number in each row.
    tested : bool
        Whether the new points are shown.
    """

    data: str
    noise: float
    points: list[list[float]]
    inputs: list[str]
    width: int
    depth: int
    activation: str
    rate: float
    decay: float
    seed: int
    weights: list[list[float]]
    tested: bool

    @property
    def sizes(self) -> list[int]:
        """The number of inputs, of each layer's nodes, and of outputs."""
        return [len(self.inputs), *[self.width] * self.depth, 2]

    def start(self) -> Network:
        """Return the network before the training."""
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            model = build(self.sizes, self.activation)
        fill(model, [number for (number,) in self.weights])
        return model


def compute_border(**values: Any) -> Iterator[dict[str, Any]]:
    """Train a network on points in the plane by gradient descent on all of them, and yield what it looks like.

    It begins with ``weights``, layer by layer the weights row by row and then the biases, one number in each row; at
    random if there are none, or not as many as this network has. ``decay`` times half the squares of the weights is
    added to what it makes small.

    Yields
    ------
    dict
        ``points`` and ``new``, those that it does not learn from: rows (x, y, class); ``inputs``; ``sizes``;
        ``weights``, ``biases`` and ``slopes``, the gradient of the weights, per layer; ``parts``: what the slopes are
        a sum of (`split_slopes`), none without points; ``maps``: of the inputs and per hidden layer and node, the
        values on a coarse grid, −100 to 100; ``border``: the probability of class 1 on a fine grid, in percent;
        ``edges``: the lines on which both classes are equally probable, each rows (x, y); ``losses`` and
        ``new_losses``: of every frame so far; ``right``: the share of right points; ``step``; ``says``.
    """
    chosen = Settings(**values)
    placed, labels = scatter(chosen.data, chosen.noise)
    own = np.array(chosen.points, dtype=float).reshape(-1, 3)
    places = torch.tensor(np.concatenate([placed, own[:, :2]]), dtype=torch.float32)
    x, y = expand(places, chosen.inputs), torch.tensor(np.concatenate([labels, own[:, 2]]), dtype=torch.long)
    new_places, new_y = (torch.tensor(array) for array in scatter(chosen.data, chosen.noise, new=True))
    new_x = expand(new_places.float(), chosen.inputs)
    coarse = expand(make_grid(COARSE), chosen.inputs)
    drawn, drawn_new = torch.cat([places, y[:, None]], dim=1), torch.cat([new_places, new_y[:, None]], dim=1)
    model, decay = chosen.start(), chosen.decay
    optimizer = SGD(model.parameters(), chosen.rate)
    layers = [cast(Linear, layer) for layer in model.layers]
    losses: list[float] = []
    new_losses: list[float] = []
    for step in range(MOST_STEPS + 1):
        optimizer.zero_grad()
        scores = model(x)
        loss = cross_entropy(scores, y) if len(y) else scores.sum() * 0
        shrinking = decay / 2 * sum((layer.weight**2).sum() for layer in layers) if decay else 0.0
        (loss + shrinking).backward()
        if step % PER_FRAME == 0:
            losses.append(loss.item())
            if len(new_y):
                new_losses.append(measure(model, new_x, new_y))
            border, edges = map_plane(model, chosen.inputs)
            yield {
                "points": drawn,
                "new": drawn_new,
                "inputs": chosen.inputs,
                "sizes": chosen.sizes,
                "weights": [layer.weight for layer in layers],
                "biases": [layer.bias for layer in layers],
                "slopes": [layer.weight.grad for layer in layers],
                "parts": split_slopes(model, x, y, decay),
                "maps": map_nodes(model, coarse, chosen.activation),
                "border": border,
                "edges": edges,
                "losses": losses,
                "new_losses": new_losses,
                "right": (scores.argmax(dim=1) == y).float().mean().item() if len(y) else 1.0,
                "step": step,
                "says": tell(step, scores, y, losses, new_losses),
            }
        if not len(y):
            return
        optimizer.step()


@torch.no_grad()
def measure(model: Network, x: Tensor, y: Tensor) -> float:
    """Return the loss of a network on points."""
    return cross_entropy(model(x), y).item()


def tell(step: int, scores: Tensor, y: Tensor, losses: list[float], new_losses: list[float]) -> str:
    """Return a frame in words."""
    if not len(y):
        return "There are no points: click in the plane, or choose some."
    right = (scores.argmax(dim=1) == y).float().mean().item()
    told = f"Step {step}: loss {losses[-1]:.3f}, {right:.0%} of the points are on the right side."
    return f"{told} On new points the loss is {new_losses[-1]:.3f}." if new_losses else told


def run_small(points: np.ndarray, bent: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the hidden values and the output of the worked example's network, with or without its ReLU."""
    if bent:
        return relu(points @ W1 + B1), backpropagation.forward(points, [W1, W2], [B1, B2])
    return points @ W1 + B1, points @ (W1 @ W2) + (B1 @ W2 + B2)


def compute_fold(point: list[list[float]], relu: bool) -> dict[str, Any]:
    """Return the network 2-2-1 at a point, and what its hidden layer makes of the plane.

    Returns
    -------
    dict
        ``x``, ``z``, ``h``, ``output``: at the point; ``corners``: rows (x1, x2, class, h1, h2); ``lines``: lines of a
        grid from −0.5 to 1.5, those along x2 first, each a row of its points' hidden values; ``sides``: whether the
        output is above ½ in each cell of a 32 × 32 grid, row by row from the bottom; ``border``: two
        hidden points where the output is ½, the ends of a straight line; ``origins`` of ``h`` and ``output``; ``says``.
    """
    x = np.array(point[0])
    h, output = run_small(x, relu)
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    along, ticks = np.linspace(-0.5, 1.5, 41), np.linspace(-0.5, 1.5, 9)
    straight = [np.stack([np.full_like(along, tick), along], axis=1) for tick in ticks]
    lines = np.array([*straight, *(line[:, ::-1] for line in straight)])
    centres = np.linspace(-0.5, 1.5, 33)[:-1] + 1 / 32
    cells = np.array([[a, b] for b in centres for a in centres])
    says = f"The point ({x[0]:.2f}, {x[1]:.2f}) has the hidden values ({h[0]:.2f}, {h[1]:.2f}). "
    says += f"The output is {h[0]:.2f} − {h[1]:.2f} = {output[0]:.2f}."
    inputs = [Factor(name, value) for name, value in zip(("x₁", "x₂"), x.tolist(), strict=True)]
    hidden = [Factor(name, value, key) for name, value, key in zip(("h₁", "h₂"), h.tolist(), ("h0", "h1"), strict=True)]
    origins = {}
    for node, made in enumerate(hidden):
        weights = [Factor("its weight", weight) for weight in W1[:, node].tolist()]
        terms = [*zip(inputs, weights, strict=True), [Factor("bias", float(B1[node]))]]
        origins[made.key] = trace_sum(made.label, made.value, *terms, then="ReLU(·)" if relu else "")
    outward = [Factor("its weight", weight) for weight in W2[:, 0].tolist()]
    last = [*zip(hidden, outward, strict=True), [Factor("bias", float(B2[0]))]]
    origins["output"] = trace_sum("output", float(output[0]), *last)
    return {
        "origins": origins,
        "x": x,
        "z": x @ W1 + B1,
        "h": h,
        "output": output[0],
        "corners": np.concatenate([corners, [[0], [0], [1], [1]], run_small(corners, relu)[0]], axis=1),
        "lines": run_small(lines, relu)[0],
        "border": [[side, (side - 0.5 + B2[0]) / -W2[1, 0]] for side in (-1.4, 3.4)],
        "sides": (run_small(cells, relu)[1][:, 0] > 0.5).astype(int),
        "says": says.replace("-", "−"),
    }


VIEWS = {
    "border": View(
        "A network learns a border, and what each of its nodes sees",
        compute_border,
        (
            Choice("data", "points", "corners", ("corners", "circle", "moons", "spirals", "none")),
            Choice("activation", "activation", "ReLU", (*ACTIVATIONS, "none")),
            Slider("width", "nodes", 4, low=1, high=8, step=1),
            Slider("depth", "layers", 1, low=1, high=3, step=1),
            Slider("rate", "learning rate α", 0.3, low=0.01, high=3.0, step=0.01, log=True),
            Several("inputs", "inputs", ("x₁", "x₂"), tuple(INPUTS)),
            Slider("noise", "noise", 0.0, low=0.0, high=0.8, step=0.05),
            Slider("decay", "weight decay", 0.0, low=0.0, high=0.1, step=0.001),
            Slider("seed", "random start", 0, low=0, high=9, step=1),
            Switch("tested", "show the new points", False),
            Points("points", "your points: x, y, class", (), least=0, most=100, numbers=3),
            Points("weights", "the weights that it begins with", (), least=0, most=300, numbers=1),
        ),
        more=("inputs", "noise", "decay", "seed", "tested"),
        stream=True,
    ),
    "fold": View(
        "A hidden layer bends the plane, so that a straight line separates the corners",
        compute_fold,
        (
            Points("point", "the point", ((0.5, 1.0),), least=1, most=1),
            Switch("relu", "ReLU", False),
        ),
    ),
}
