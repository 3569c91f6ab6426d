"""The points that the network learns from, and the inputs that it may see of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

COUNT = 60
# What can be an input: each is computed from the two coordinates of a point.
INPUTS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "x₁": lambda a, _: a,
    "x₂": lambda _, b: b,
    "x₁²": lambda a, _: a**2,
    "x₂²": lambda _, b: b**2,
    "x₁x₂": lambda a, b: a * b,
    "sin x₁": lambda a, _: torch.sin(a),
    "sin x₂": lambda _, b: torch.sin(b),
}


def scatter(data: str, noise: float = 0.0, new: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return points, shape (N, 2), and their classes 0 and 1; always the same ones.

    Parameters
    ----------
    data : str
        The name of the picture that they form.
    noise : float
        How far each is then moved at random, as a standard deviation.
    new : bool
        Whether they are those that the network does not learn from.
    """
    random = np.random.default_rng(int(new))
    points, label = _place(data, random, new)
    return points + noise * random.normal(0, 1, points.shape), label


def _place(data: str, random: np.random.Generator, new: bool) -> tuple[np.ndarray, np.ndarray]:
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
    if new:  # between two of the others of the same arm, which has every second number
        turn = turn + (turn[1] - turn[0])
    angle = turn * np.pi * 0.9 + np.pi * label
    return (turn * 1.1)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), label


def expand(points: Tensor, inputs: Sequence[str]) -> Tensor:
    """Return what the network sees of points: a column for each of its ``inputs``, whose names `INPUTS` has."""
    return torch.stack([INPUTS[name](points[:, 0], points[:, 1]) for name in inputs], dim=1)
