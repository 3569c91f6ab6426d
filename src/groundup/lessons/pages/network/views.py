"""What the lesson's views show: a network that learns a border, and a hidden layer that bends the plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import contourpy
import numpy as np
import torch
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c3_networks import backpropagation
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c3_networks.neuron import relu
from groundup.steps.c4_training.linear import Linear, linear
from groundup.steps.c4_training.network import Network, collapse
from groundup.steps.c4_training.optimisers import SGD

REACH = 3.0
COUNT = 60
MOST_STEPS = 600
PER_FRAME = 4
# How finely the map of a node and the map of the whole network are drawn.
COARSE, FINE = 15, 45
# The network of the worked example: one column of weights per node.
W1, B1 = np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([0.0, -2.0])
W2, B2 = np.array([[1.0], [-1.0]]), np.array([0.0])


def scatter(data: str) -> tuple[np.ndarray, np.ndarray]:
    """Return points, shape (N, 2), and their classes 0 and 1; always the same ones."""
    random = np.random.default_rng(0)
    if data == "none":
        return np.zeros((0, 2)), np.zeros(0, dtype=int)
    number = np.arange(COUNT)
    if data == "corners":
        corner = number % 4
        centre = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])[corner]
        return 1.3 * centre + random.normal(0, 0.36, (COUNT, 2)), (corner >= 2).astype(int)
    label = number % 2
    if data == "circle":
        turn = random.uniform(0, 2 * np.pi, COUNT)
        far = np.where(label == 1, random.uniform(0, 0.75, COUNT), random.uniform(1.35, 2.0, COUNT))
        return far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1), label
    if data == "moons":
        turn = random.uniform(0, np.pi, COUNT)
        x = np.where(label == 0, np.cos(turn), 1 - np.cos(turn))
        y = np.where(label == 0, np.sin(turn), 0.5 - np.sin(turn))
        points = np.stack([x - 0.5, y - 0.25], axis=1) * 1.5
        return points + random.normal(0, 0.18, (COUNT, 2)), label
    turn = np.linspace(0.25, 2.3, COUNT)
    angle = turn * np.pi * 0.9 + np.pi * label
    return (turn * 1.1)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), label


def make_grid(side: int, around: int = 0) -> Tensor:
    """Return the centres of ``side`` × ``side`` cells of the plane, row by row from the top.

    ``around`` is how many further cells of this size lie on each side of them.
    """
    centres = (torch.arange(-around, side + around) + 0.5) / side * 2 * REACH - REACH
    y, x = torch.meshgrid(-centres, centres, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


@torch.no_grad()
def map_plane(model: Network) -> tuple[Tensor, list[np.ndarray]]:
    """Return the probability of class 1 on the fine grid, in percent, and the lines on which both scores are equal.

    The lines are interpolated between points where the network is computed, which lie also a little outside of the
    plane: where the scores are linear, a line is exactly straight and goes on to the frame.
    """
    grid, side = make_grid(FINE, around=1), FINE + 2
    scores = model(grid)
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


@torch.no_grad()
def map_nodes(model: Network, grid: Tensor, bent: bool) -> list[Tensor]:
    """Return each hidden node's value at every point of a grid, one tensor (nodes, points) per layer, 0 to 100."""
    maps, x = [], grid
    for layer in model.layers[:-1]:
        x = torch.relu(layer(x)) if bent else layer(x)
        most = x.abs().max(dim=0).values.clamp(min=1e-6)
        maps.append((100 * x / most).round().int().T)
    return maps


@torch.no_grad()
def fill(model: Network, numbers: list[float]) -> None:
    """Put numbers into a network's parameters, in their order, if they are just as many."""
    if len(numbers) != sum(parameter.numel() for parameter in model.parameters()):
        return
    rest = torch.tensor(numbers)
    for parameter in model.parameters():
        parameter.copy_(rest[: parameter.numel()].reshape(parameter.shape))
        rest = rest[parameter.numel() :]


def trace_gradients(model: Network, x: Tensor, y: Tensor) -> dict[str, Any]:
    """Return where the gradient of each weight comes from, by layer, node and input: ``g0_2_1``.

    The loss is a mean over all points, so its gradient is a sum of what the points of either class add to it.
    """
    weights = [parameter for name, parameter in model.named_parameters() if name.endswith("weight")]
    names, added = [], []
    for label, colour in enumerate(("orange", "blue")):
        chosen = y == label
        if count := int(chosen.sum()):
            loss = cross_entropy(model(x[chosen]), y[chosen]) * count / len(y)
            added.append([part.tolist() for part in torch.autograd.grad(loss, weights)])
            names.append(f"from {count} {colour} point{'s' * (count > 1)}")
    origins = {}
    for layer, weight in enumerate(weights if names else []):
        for to, source in np.ndindex(*weight.shape):
            parts = [numbers[layer][to][source] for numbers in added]
            terms = [[Factor(name, part)] for name, part in zip(names, parts, strict=True)]
            origins[f"g{layer}_{to}_{source}"] = trace_sum("gradient", sum(parts), *terms)
    return origins


def compute_border(
    data: str,
    width: int,
    depth: int,
    relu: bool,
    rate: float,
    seed: int,
    points: list[list[float]],
    weights: list[list[float]],
) -> Iterator[dict[str, Any]]:
    """Train a network on points in the plane by gradient descent on all of them, and yield what it looks like.

    It begins with ``weights``, layer by layer the weights row by row and then the biases, one number in each row; at
    random if there are none, or not as many as this network has.

    Yields
    ------
    dict
        ``points``: rows (x, y, class); ``sizes``; ``weights`` and ``biases`` per layer; ``maps``: per hidden layer and
        node its values on a coarse grid, −100 to 100; ``border``: the probability of class 1 on a fine grid, in
        percent; ``edges``: the lines on which both classes are equally probable, each rows (x, y); ``losses``: of
        every frame so far; ``right``: the share of right points; ``step``; ``origins``: of the gradient of each of
        the ``weights``; none without points; ``says``.
    """
    placed, labels = scatter(data)
    own = np.array(points, dtype=float).reshape(-1, 3)
    x = torch.tensor(np.concatenate([placed, own[:, :2]]), dtype=torch.float32)
    y = torch.tensor(np.concatenate([labels, own[:, 2]]), dtype=torch.long)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = (Network if relu else Straight)([2, *[width] * depth, 2])
    fill(model, [number for (number,) in weights])
    optimizer = SGD(model.parameters(), rate)
    coarse = make_grid(COARSE)
    drawn = [[*place, label] for place, label in zip(x.tolist(), y.tolist(), strict=True)]
    losses: list[float] = []
    for step in range(MOST_STEPS + 1):
        optimizer.zero_grad()
        scores = model(x)
        loss = cross_entropy(scores, y) if len(y) else torch.zeros(())
        if step % PER_FRAME == 0:
            losses.append(loss.item())
            right = (scores.argmax(dim=1) == y).float().mean().item() if len(y) else 1.0
            border, edges = map_plane(model)
            yield {
                "points": drawn,
                "sizes": [2, *[width] * depth, 2],
                "weights": [layer.weight for layer in model.layers],
                "biases": [layer.bias for layer in model.layers],
                "maps": map_nodes(model, coarse, relu),
                "border": border,
                "edges": edges,
                "losses": losses,
                "right": right,
                "step": step,
                "origins": trace_gradients(model, x, y),
                "says": f"Step {step}: loss {loss.item():.3f}, {right:.0%} of the points are on the right side."
                if len(y)
                else "There are no points: click in the plane, or choose some.",
            }
        if not len(y):
            return
        loss.backward()
        optimizer.step()


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
            Slider("width", "nodes per layer", 4, low=1, high=8, step=1),
            Slider("depth", "hidden layers", 1, low=1, high=3, step=1),
            Slider("rate", "learning rate α", 0.3, low=0.01, high=3.0, step=0.01, log=True),
            Slider("seed", "random start", 0, low=0, high=9, step=1),
            Switch("relu", "ReLU", True),
            Points("points", "your points: x, y, class", (), least=0, most=100, numbers=3),
            Points("weights", "the weights that it begins with", (), least=0, most=200, numbers=1),
        ),
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
