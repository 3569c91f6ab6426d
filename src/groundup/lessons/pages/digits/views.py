"""What the lesson on reading digits shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw
from torch import Tensor, nn

from groundup.data.images.cells import count_cells, enlarge_cells, make_bitmap
from groundup.data.images.ink import SIDE, Fit
from groundup.lessons.origins import Factor, Term, dot, trace_sum
from groundup.lessons.pages.digits.network import DIGITS, Reader, open_reader
from groundup.lessons.trained import tell_waiting
from groundup.lessons.views import Choice, Draw, Slider, View
from groundup.tasks.digits.task import hardest_first

ANSWER = -1  # instead of a digit: whatever the network reads
SHOWN_NODES, SHOWN_PICTURES = 12, 12
PEN, FINE = 2.4, 10  # the width of a stroke in pixels of 28 × 28, and how many times finer it is drawn
BOARD = 2 * SIDE  # the board's ink is counted in so many cells each way: what is drawn small is still seen well


def _oval(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x + width * np.sin(turn), y - height * np.cos(turn)) for turn in np.linspace(0, 2 * np.pi, 40)]


# The strokes of some digits as a pen draws them: x and y in pixels.
STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "a 0": [_oval(14, 14, 6, 9)],
    "a 1": [[(14, 5), (14, 23)]],
    "a 3": [
        [(8, 7), (11, 5), (16, 5), (19, 8), (17, 12), (13, 13.5), (18, 15), (20, 19), (17, 22.5), (11, 23), (8, 21)]
    ],
    "a 4": [[(16, 5), (7, 16), (21, 16)], [(17, 11), (17, 23)]],
    "a 7": [[(7, 6), (20, 6), (12, 22)]],
    "a 7 with a bar": [[(7, 6), (20, 6), (12, 22)], [(10, 14), (19, 14)]],
    "an 8 in one stroke": [
        [(14 + 5 * np.sin(2 * turn), 14 - 9 * np.cos(turn)) for turn in np.linspace(0, 2 * np.pi, 40)],
    ],
    "an 8": [_oval(14, 9.5, 5, 4.5), _oval(14, 18.5, 5.5, 4.8)],
}


@cache
def draw_sample(name: str) -> UInt8[np.ndarray, "56 56"]:
    """Return a digit as a pen would draw it on the board."""
    canvas = Image.new("L", (SIDE * FINE, SIDE * FINE))
    brush, half = ImageDraw.Draw(canvas), PEN * FINE / 2
    for stroke in STROKES[name]:
        points = [(x * FINE, y * FINE) for x, y in stroke]
        brush.line(points, fill=255, width=round(PEN * FINE), joint="curve")
        for x, y in points:
            brush.ellipse((x - half, y - half, x + half, y + half), fill=255)
    return np.asarray(canvas.resize((BOARD, BOARD), Image.Resampling.BOX))


def read_ink(ink: Sequence[Any], fit: Fit) -> UInt8[np.ndarray, "28 28"] | None:
    """Return a drawing as the network sees pictures, brought into their form; None where there is no ink."""
    levels = np.asarray(ink, dtype=np.float64)
    if levels.size != BOARD * BOARD or not (levels > 0).any():
        return None
    return fit(levels.reshape(BOARD, BOARD).clip(0, 1) * 255)


def move(picture: UInt8[np.ndarray, "28 28"], right: int, turn: int) -> UInt8[np.ndarray, "28 28"]:
    """Turn a picture clockwise by some degrees around its middle, then move it to the right by some pixels."""
    turned = Image.fromarray(picture).rotate(-turn, Image.Resampling.BILINEAR) if turn else Image.fromarray(picture)
    moved = Image.new("L", (SIDE, SIDE))
    moved.paste(turned, (right, 0))
    return np.asarray(moved)


def weigh_pixels(reader: Reader, picture: UInt8[np.ndarray, "28 28"], digit: int) -> Float[np.ndarray, "28 28"]:
    """Return each pixel's share of a digit's score: its ink times the derivative of the score along it."""
    recogniser = reader.recogniser
    pixels = recogniser.scale(torch.from_numpy(picture[None].copy())).requires_grad_()
    (slopes,) = torch.autograd.grad(recogniser.network(pixels)[0, digit], pixels)
    return slopes.reshape(SIDE, SIDE).numpy() * picture / recogniser.spread


def read_hidden(reader: Reader, picture: UInt8[np.ndarray, "28 28"]) -> tuple[nn.Module, list[float], Tensor]:
    """Return the last layer, what it gets from the hidden nodes for a picture, and the scores."""
    recogniser = reader.recogniser
    *_, last = (
        module for module in recogniser.network.modules() if isinstance(getattr(module, "weight", None), Tensor)
    )
    caught: list[Tensor] = []
    hook = last.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    try:
        with torch.inference_mode():
            scores = recogniser.network(recogniser.scale(torch.from_numpy(picture[None].copy())))[0]
    finally:
        hook.remove()
    return last, caught[0][0].tolist(), scores


def trace_score(reader: Reader, picture: UInt8[np.ndarray, "28 28"], digit: int) -> tuple[float, list[Term]]:
    """Return a digit's score, and the products h w of the last layer that add up to it."""
    last, hidden, scores = read_hidden(reader, picture)
    weight, bias = cast(Tensor, last.weight).detach(), cast(Tensor, last.bias).detach()
    terms = dot(("h", "w"), hidden, weight[digit].tolist())
    return float(scores[digit]), [*terms, [Factor("bias", float(bias[digit]))]]


@tell_waiting
def compute_board(ink: Sequence[Any], drawn: int, sample: str, right: int, turn: int, evidence: int) -> dict[str, Any]:
    """Read a digit.

    Parameters
    ----------
    ink : sequence
        What is drawn: 56 × 56 numbers from 0 (paper) to 1.
    drawn : int
        1 if the drawing is read, 0 if the sample is.
    sample : str
        The name of a digit that is drawn already.
    right, turn : int
        How far the picture is moved (pixels) and turned (degrees) after it was centered.
    evidence : int
        The digit whose score the shares are of; -1 is the digit that the network reads.

    Returns
    -------
    dict
        ``picture``: array (28, 28), 0 to 1; ``shares``: array (28, 28); ``scores`` and ``probabilities``: arrays (10,);
        ``best`` and ``evidence``: digits; ``score`` of the latter, and ``origins``: its sum. While the network is in
        training: as of `tell_waiting`.
    """
    reader = open_reader()
    own = read_ink(ink, reader.fit) if drawn else None
    picture = move(reader.fit(draw_sample(sample)) if own is None else own, right, turn)
    scores = reader.recogniser.scores(torch.from_numpy(picture[None].copy()))[0]
    probabilities = reader.recogniser.probabilities(picture[None])[0]
    best = int(probabilities.argmax())
    asked = best if evidence == ANSWER else evidence
    second = int(probabilities.argsort()[-2])
    score, terms = trace_score(reader, picture, asked)
    text = f"It reads {best} with {probabilities[best]:.0%}; the next is {second} with {probabilities[second]:.0%}."
    return {
        "picture": picture / 255,
        "shares": weigh_pixels(reader, picture, asked),
        "scores": scores,
        "probabilities": probabilities,
        "best": best,
        "evidence": asked,
        "score": score,
        "origins": {"score": trace_sum(f"score of {asked}", score, *terms)},
        "drawn": own is not None,
        "says": text if picture.any() else "There is no ink to read.",
    }


def compute_stages(sample: str) -> dict[str, Any]:
    """Bring a sample into the form of the built-in digits, step by step.

    Parameters
    ----------
    sample : str
        The name of a digit that is drawn already.

    Returns
    -------
    dict
        ``drawn``: what is drawn, array (56, 56), 0 to 1; ``bitmap``: (32, 32), 0 or 1; ``counts``: black squares per
        cell, (8, 8), 0 to 16; ``picture``: (28, 28), 0 to 1.
    """
    ink = draw_sample(sample)
    bitmap = make_bitmap(ink)
    counts = count_cells(bitmap)
    wide = int(bitmap.any(axis=0).sum())
    return {
        "drawn": ink / 255,
        "bitmap": bitmap.astype(int),
        "counts": counts,
        "picture": enlarge_cells(counts) / 255,
        "says": f"{sample[0].upper()}{sample[1:]}: {int(bitmap.sum())} black squares, {wide} columns wide; "
        f"{int((counts > 0).sum())} of 64 cells have ink.",
    }


def _find_layers(network: nn.Module) -> tuple[Float[Tensor, "node height width"], Float[Tensor, "class node"] | None]:
    """Return the weights of the first layer as pictures, and the last layer's where each node is one of its inputs."""
    weights = [parameter.detach().float() for parameter in network.parameters() if parameter.ndim > 1]
    first, last = weights[0], weights[-1]
    if first.ndim == 4:  # a convolution: its nodes look through small windows
        return first[:, 0], None
    return first.reshape(len(first), SIDE, SIDE), last if last.shape[1] == len(first) else None


def trace_node(
    number: int, pixels: Sequence[float], weights: Sequence[float], answer: float, out: float
) -> dict[str, Any]:
    """Return where a hidden node's answer (``h7``) and its part of a score (``part7``) come from.

    Parameters
    ----------
    number : int
        The node's.
    pixels, weights : sequence of float
        The inputs and the node's weights; the last input is 1, and the last weight is the bias.
    answer, out : float
        What the node answers, and its weight to the score. If another activation than ReLU made the answer, it does not
        open.
    """
    product = [Factor(f"h of node {number}", answer, f"h{number}"), Factor("w", out)]
    found = {f"part{number}": trace_sum("part of the score", answer * out, product)}
    total = math.fsum(x * w for x, w in zip(pixels, weights, strict=True))
    if math.isclose(max(total, 0.0), answer, rel_tol=1e-3, abs_tol=1e-3):
        terms = dot(("x", "w"), pixels[:-1], weights[:-1])
        found[f"h{number}"] = trace_sum(f"node {number}", answer, *terms, [Factor("bias", weights[-1])], then="ReLU(·)")
    return found


@tell_waiting
def compute_nodes(digit: str, sample: str, page: int) -> dict[str, Any]:
    """Show the weights of hidden nodes as pictures, and what each adds to a score.

    Parameters
    ----------
    digit : str
        The digit whose score it is.
    sample : str
        The picture that is read: nodes are ordered by what they add to the score, largest first.
    page : int
        Which twelve nodes are shown, from 0; after the last page the last.

    Returns
    -------
    dict
        ``nodes``: for each its ``number``, its ``weights`` (height, width) between −1 and 1, what it ``answers`` to the
        sample, its weight ``out`` to the digit's score, and the ``part`` of the score that it adds, their product; all
        three are None where the first layer is a convolution. ``count``: how many nodes there are; ``origins`` of
        answers (``h7``) and parts (``part7``). While the network is in training: as of `tell_waiting`.
    """
    reader = open_reader()
    pictures, last = _find_layers(reader.recogniser.network)
    shown = [{"weights": weights / weights.abs().max().clamp(min=1e-9)} for weights in pictures]
    if last is None:
        begin = min(page, (len(shown) - 1) // SHOWN_NODES) * SHOWN_NODES
        nodes: list[dict[str, Any]] = [
            {"number": number, **shown[number], "answers": None, "out": None, "part": None}
            for number in range(begin, min(begin + SHOWN_NODES, len(shown)))
        ]
        text = f"This run is a convolutional network: its {len(shown)} first nodes look through small windows."
        return {"nodes": nodes, "count": len(shown), "digit": int(digit), "first": begin, "origins": {}, "says": text}
    picture = reader.fit(draw_sample(sample))
    _, hidden, _ = read_hidden(reader, picture)
    answers, out = torch.tensor(hidden), last[int(digit)]
    parts = answers * out
    order = torch.argsort(parts, descending=True, stable=True)
    begin = min(page, (len(order) - 1) // SHOWN_NODES) * SHOWN_NODES
    chosen = order[begin : begin + SHOWN_NODES].tolist()
    biases = [one for one in reader.recogniser.network.parameters() if one.shape == (len(pictures),)]
    bias = biases[0].detach() if biases else torch.zeros(len(pictures))
    pixels = reader.recogniser.scale(torch.from_numpy(picture[None].copy()))[0].tolist()
    origins: dict[str, Any] = {}
    for number in chosen:
        row = [*pictures[number].flatten().tolist(), float(bias[number])]
        origins |= trace_node(number, [*pixels, 1.0], row, hidden[number], float(out[number]))
    nodes = [
        {
            "number": number,
            **shown[number],
            "answers": hidden[number],
            "out": float(out[number]),
            "part": float(parts[number]),
        }
        for number in chosen
    ]
    active = int((answers > 0).sum())
    text = (
        f"{active} of {len(order)} nodes are active for {sample}. Nodes {begin + 1} to {begin + len(nodes)} by "
        f"what they add to the score of {digit}: these add {float(parts[chosen].sum()):.2f}, all together "
        f"{float(parts.sum()):.2f}."
    )
    return {
        "nodes": nodes,
        "count": len(order),
        "digit": int(digit),
        "first": begin,
        "origins": origins,
        "says": text,
    }


@tell_waiting
def compute_test(truth: int, answer: int) -> dict[str, Any]:
    """Count which held-out digits are read as which, and show the pictures of one cell.

    Parameters
    ----------
    truth, answer : int
        The cell: what the pictures are, and what the network reads.

    Returns
    -------
    dict
        ``matrix``: counts (10, 10), one row per true digit; ``pictures``: for each its ``pixels`` (28, 28), 0 to 1, and
        the ``sure`` probability of the answer, surest first; ``right`` and ``total``. While the network is in training:
        as of `tell_waiting`.
    """
    reader = open_reader()
    labels, answers = reader.pictures.labels, reader.probabilities.argmax(1)
    matrix = np.zeros((len(DIGITS), len(DIGITS)), dtype=int)
    np.add.at(matrix, (labels, answers), 1)
    order = hardest_first(reader.probabilities, labels)
    chosen = [place for place in order.tolist() if labels[place] == truth and answers[place] == answer]
    right, total = int(matrix.trace()), len(labels)
    count = len(chosen)
    are = "picture of {} is" if count == 1 else "pictures of {} are"
    mistakes = np.argwhere((matrix > 0) & ~np.eye(len(DIGITS), dtype=bool)).tolist()
    hint = f" Look at {mistakes[0][0]} read as {mistakes[0][1]}." if mistakes and not count else ""
    return {
        "matrix": matrix,
        "truth": truth,
        "answer": answer,
        "pictures": [
            {"pixels": reader.pictures.pixels[place] / 255, "sure": float(reader.probabilities[place, answer])}
            for place in chosen[:SHOWN_PICTURES]
        ],
        "right": right,
        "total": total,
        "says": f"{right} of {total} held-out pictures are read rightly: {right / total:.1%}. "
        f"{count} {are.format(truth)} read as {answer}.{hint}",
    }


VIEWS = {
    "board": View(
        "Your digit and the network's answer",
        compute_board,
        (
            Draw("ink", "your digit", side=BOARD),
            Slider("drawn", "read the drawing", 0, low=0, high=1, step=1, hidden=True),
            Choice("sample", "or a sample", "a 7", tuple(STROKES)),
            Slider("right", "move to the right", 0, low=-6, high=6, step=1),
            Slider("turn", "turn", 0, low=-45, high=45, step=5),
            Slider("evidence", "evidence for", ANSWER, low=ANSWER, high=9, step=1, hidden=True),
        ),
        lazy=True,
    ),
    "stages": View(
        "How a drawing becomes 784 numbers",
        compute_stages,
        (Choice("sample", "sample", "a 1", tuple(STROKES)),),
    ),
    "nodes": View(
        "What hidden nodes look for",
        compute_nodes,
        (
            Choice("digit", "parts of the score of", "3", DIGITS),
            Choice("sample", "sample", "a 3", tuple(STROKES), tuple(name.partition(" ")[2] for name in STROKES)),
            Slider("page", "page", 0, low=0, high=42, step=1),
        ),
        lazy=True,
    ),
    "test": View(
        "Which digits are confused",
        compute_test,
        (
            Slider("truth", "true digit", 3, low=0, high=9, step=1),
            Slider("answer", "answer", 5, low=0, high=9, step=1),
        ),
        lazy=True,
    ),
}
