"""What the lesson on convolution shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.convolution.network import CONVOLUTIONAL, DENSE, FARTHEST, MOVES, Moved, open_network, shift
from groundup.lessons.pages.digits.views import BOARD, STROKES, draw_sample
from groundup.lessons.trained import tell_waiting
from groundup.lessons.views import Choice, Points, Slider, View

INKED, SMALL = (
    14,
    16,
)  # a digit is drawn with 14 × 14 pixels, large enough to be seen one by one, and a border around it
SIZE = 3  # of a filter
PLACES = SMALL - SIZE + 1
MOST_WEIGHT = 2.0
RIGHT_EDGES, LOWER_EDGES, BLUR = "right edges", "lower edges", "blur"
FILTERS: dict[str, tuple[tuple[float, ...], ...]] = {
    RIGHT_EDGES: ((1.0, 0.0, -1.0),) * SIZE,
    LOWER_EDGES: ((1.0,) * SIZE, (0.0,) * SIZE, (-1.0,) * SIZE),
    BLUR: ((0.1,) * SIZE,) * SIZE,
}


@cache
def _draw_small(sample: str) -> Float[Tensor, "row column"]:
    """Return a sample with 16 × 16 pixels, each with its share of ink to one decimal."""
    side = BOARD // INKED
    cells = draw_sample(sample).reshape(INKED, side, INKED, side) / 255
    return torch.from_numpy(np.pad(cells.mean(axis=(1, 3)).round(1), (SMALL - INKED) // 2)).float()


def draw_moved(sample: str, right: int) -> Float[Tensor, "row column"]:
    """Return a sample with 16 × 16 pixels, moved to the right by some of them."""
    return torch.from_numpy(shift(_draw_small(sample).numpy(), right))


def slide(
    picture: Float[Tensor, "row column"], weights: Float[Tensor, "3 3"], padding: int = 0
) -> Float[Tensor, "row column"]:
    """Return what a filter without a bias answers at each of its places."""
    return functional.conv2d(picture[None, None], weights[None, None], padding=padding)[0, 0]


def compute_filter(
    sample: str, right: int, weights: Sequence[Sequence[float]], row: int, column: int
) -> dict[str, Any]:
    """Slide a filter over a digit, and open it at one place.

    Parameters
    ----------
    sample : str
        The digit.
    right : int
        How far it is moved to the right, in pixels.
    weights : sequence of three rows of three numbers
        The filter.
    row, column : int
        The place of the filter's upper left corner, from 0 to 13.

    Returns
    -------
    dict
        ``picture``: array (16, 16), 0 to 1; ``map``: the sums at all places, array (14, 14), and the ``most`` that one
        can be; ``pixels`` under the filter, its ``weights`` and their ``products``: arrays (3, 3); ``sum`` of the
        products; ``row`` and ``column``; ``origins`` of the sum.
    """
    picture = draw_moved(sample, right)
    kernel = torch.tensor(weights).clamp(-MOST_WEIGHT, MOST_WEIGHT)
    found = slide(picture, kernel)
    pixels = picture[row : row + SIZE, column : column + SIZE]
    total = round(float(found[row, column]), 6) + 0.0
    pairs = zip(pixels.flatten().tolist(), kernel.flatten().tolist(), strict=True)
    terms = [[Factor("pixel", round(pixel, 1)), Factor("weight", weight)] for pixel, weight in pairs]
    best = int(found.argmax())
    return {
        "picture": picture,
        "map": found,
        "most": max(float(kernel.clamp(min=0).sum()), float((-kernel).clamp(min=0).sum())),
        "pixels": pixels,
        "weights": kernel,
        "products": pixels * kernel,
        "sum": total,
        "row": row,
        "column": column,
        "origins": {"sum": trace_sum("sum", total, *terms)},
        "says": f"The filter's middle is on row {row + 2}, column {column + 2}: the sum is {total:.3g}. "
        f"The largest sum, {float(found.max()):.3g}, is at row {best // PLACES + 2}, column {best % PLACES + 2}.",
    }


def measure_overlap(before: Tensor, after: Tensor) -> float:
    """Return which share of the numbers of a map is found in another at the same places; no number is below 0."""
    return float(torch.minimum(before, after).sum() / before.sum())


def compute_pool(sample: str, filter_name: str, right: int, row: int, column: int) -> dict[str, Any]:
    """Keep the largest of each 2 × 2 answers of a filter, and compare with the digit at its first place.

    Parameters
    ----------
    sample, filter_name : str
        The digit, and the filter that slides over it.
    right : int
        How far the digit is moved to the right, in pixels.
    row, column : int
        The pooled number that is told, from 0 to 7.

    Returns
    -------
    dict
        ``picture``: array (16, 16); ``map``: the filter's answers after a ReLU, array (16, 16); ``pooled``: array
        (8, 8); ``most``: the largest number of the map; ``four``: the numbers that the chosen one is the largest of;
        ``kept`` and ``kept_pooled``: which share of each map stays in its place.
    """
    weights = torch.tensor(FILTERS[filter_name])
    maps = [torch.relu(slide(draw_moved(sample, move), weights, padding=1)) for move in (0, right)]
    pooled = [functional.max_pool2d(found[None], 2)[0] for found in maps]
    four = maps[1][2 * row : 2 * row + 2, 2 * column : 2 * column + 2].flatten()
    shares = [measure_overlap(*pair) for pair in (maps, pooled)]
    told = ", ".join(f"{number:.2g}" for number in four.tolist())
    text = f"The four numbers {told} become {float(four.max()):.2g}. "
    if right:
        text += f"Of the map, {shares[0]:.0%} is where it was before the move; of the pooled map, {shares[1]:.0%}."
    else:
        text += "Each pooled number is the largest of four; the pooled map has a quarter of the numbers."
    return {
        "picture": draw_moved(sample, right),
        "map": maps[1],
        "pooled": pooled[1],
        "most": maps[1].max(),
        "four": four,
        "row": row,
        "column": column,
        "kept": shares[0],
        "kept_pooled": shares[1],
        "says": text,
    }


def read_moved(network: Moved, sample: str, right: int) -> tuple[np.ndarray, int, float]:
    """Return a sample in the form that a network gets, moved; the digit that it reads, and how sure it is."""
    picture = shift(network.reader.fit(draw_sample(sample)), right)
    probabilities = network.reader.recogniser.probabilities(picture[None])[0]
    return picture, int(probabilities.argmax()), float(probabilities.max())


@tell_waiting
def compute_learned(sample: str, right: int) -> dict[str, Any]:
    """Show the learned filters of a small convolutional network, and what they answer to a digit.

    Parameters
    ----------
    sample : str
        The digit.
    right : int
        How far it is moved to the right, in pixels.

    Returns
    -------
    dict
        ``picture``: array (28, 28), 0 to 1; ``filters``: for each its ``weights``, array (5, 5), between −1 and 1, and
        its ``map`` after ReLU and pooling, array (14, 14), between 0 and 1. While the network is in training: as of
        `tell_waiting`.
    """
    network = open_network(CONVOLUTIONAL)
    picture, best, sure = read_moved(network, sample, right)
    recogniser = network.reader.recogniser
    first: Any = recogniser.network.first
    with torch.inference_mode():
        x = recogniser.scale(torch.from_numpy(picture[None].copy())).view(1, 1, *picture.shape)
        maps = functional.max_pool2d(torch.relu(first(x)), 2)[0]
    weights = first.weight.detach()[:, 0]
    most = weights.abs().amax(dim=(1, 2), keepdim=True)
    return {
        "picture": picture / 255,
        "filters": [
            {"weights": filter_weights, "map": found}
            for filter_weights, found in zip(weights / most, maps / maps.max(), strict=True)
        ],
        "says": f"{len(maps)} learned filters of 5 × 5 weights, and below each what it answers to this picture, after "
        f"ReLU and pooling. The network reads {best} with {sure:.0%}.",
    }


@tell_waiting
def compute_shift(sample: str, right: int) -> dict[str, Any]:
    """Test a dense and a convolutional network with moved digits.

    Parameters
    ----------
    sample : str
        A digit that both read.
    right : int
        How far digits are moved to the right, in pixels.

    Returns
    -------
    dict
        ``moves``: the moves that were tested; for each of the two ``networks`` its ``name``, ``weights``, ``accuracy``
        after each move, ``best`` and ``sure``: what it reads on the sample; ``picture``: the sample, array (28, 28);
        ``origins`` of the accuracies at this move. While a network is in training: as of `tell_waiting`.
    """
    found: list[dict[str, Any]] = []
    origins: dict[str, Any] = {}
    picture = np.zeros((0, 0))
    at = MOVES.index(right)
    for name, model in (("dense", DENSE), ("convolutional", CONVOLUTIONAL)):
        network = open_network(model)
        picture, best, sure = read_moved(network, sample, right)
        total = len(network.reader.pictures)
        accuracy = [count / total for count in network.right]
        parts = [Factor("read correctly", float(network.right[at])), Factor("pictures", float(total), over=True)]
        origins[name] = trace_sum(f"accuracy of the {name} network", accuracy[at], parts)
        found.append({"name": name, "weights": network.weights, "accuracy": accuracy, "best": best, "sure": sure})
    shares = " and ".join(f"{one['accuracy'][at]:.0%} by the {one['name']} network" for one in found)
    where = (
        f"moved by {abs(right)} {'pixel' if abs(right) == 1 else 'pixels'} to the {'right' if right > 0 else 'left'}"
    )
    return {
        "moves": MOVES,
        "networks": found,
        "picture": picture / 255,
        "origins": origins,
        "says": f"Of the held-out digits, {where if right else 'where they stand'}, {shares} are read correctly.",
    }


SAMPLES = tuple(STROKES)
WORDS = tuple(name.partition(" ")[2] for name in SAMPLES)
VIEWS = {
    "filter": View(
        "A filter on its way over a digit",
        compute_filter,
        (
            Choice("sample", "digit", "a 7", SAMPLES, WORDS),
            Slider("right", "move the digit to the right", 0, low=-2, high=2, step=1),
            Points("weights", "the filter", FILTERS[RIGHT_EDGES], least=SIZE, most=SIZE),
            Slider("row", "row", 5, low=0, high=PLACES - 1, step=1, hidden=True),
            Slider("column", "column", 9, low=0, high=PLACES - 1, step=1, hidden=True),
        ),
    ),
    "pool": View(
        "The largest of four",
        compute_pool,
        (
            Choice("sample", "digit", "a 7", SAMPLES, WORDS),
            Choice("filter_name", "filter", RIGHT_EDGES, (RIGHT_EDGES, LOWER_EDGES)),
            Slider("right", "move the digit to the right", 0, low=-2, high=2, step=1),
            Slider("row", "row", 3, low=0, high=SMALL // 2 - 1, step=1, hidden=True),
            Slider("column", "column", 5, low=0, high=SMALL // 2 - 1, step=1, hidden=True),
        ),
    ),
    "learned": View(
        "What learned filters answer",
        compute_learned,
        (
            Choice("sample", "digit", "a 3", SAMPLES, WORDS),
            Slider("right", "move the digit to the right", 0, low=-FARTHEST, high=FARTHEST, step=1),
        ),
        lazy=True,
    ),
    "shift": View(
        "Moved digits, read by two networks",
        compute_shift,
        (
            Choice("sample", "digit", "a 7", SAMPLES, WORDS),
            Slider("right", "move to the right", 0, low=-FARTHEST, high=FARTHEST, step=1),
        ),
        lazy=True,
    ),
}
