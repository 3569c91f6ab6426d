"""Polynomials through a few points of a wave with noise."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

NOISE = 0.35
HIGHEST = 9


def follow_rule(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return what the examples are made by: a wave with noise."""
    return np.sin(4.4 * x) + NOISE * random.standard_normal(len(x))


def _draw_examples() -> tuple[tuple[tuple[float, ...], ...], np.ndarray]:
    """Return ten points to fit, and a hundred new ones of the same rule, shape (100, 2)."""
    random = np.random.default_rng(2)
    x = np.linspace(-0.95, 0.95, 10)
    points = np.round(np.stack([x, follow_rule(x, random)], 1), 2)
    new = random.uniform(-1, 1, 100)
    return tuple(map(tuple, points.tolist())), np.stack([new, follow_rule(new, random)], 1)


START, NEW = _draw_examples()


def fit(points: Float[np.ndarray, "batch 2"], degree: int, decay: float = 0.0) -> Float[np.ndarray, " feature"]:
    """Return the weights of the polynomial with the smallest error on some points.

    With weight decay λ they are those at which descent with decay comes to rest: the error plus λ/2 times the sum of
    their squares is smallest.

    The features are Legendre polynomials up to the degree. They span the same curves as the powers 1, x, x², …, and
    the computer can solve for their weights exactly. Of several equally good curves the one with the smallest weights
    is taken.
    """
    features, truth = make_features(points[:, 0], degree), points[:, 1]
    if decay:
        # The penalty of each weight is the squared error of one more example, whose truth is 0.
        pull = math.sqrt(decay / 2 * len(points)) * np.eye(degree + 1)
        features, truth = np.concatenate([features, pull]), np.concatenate([truth, np.zeros(degree + 1)])
    weights: np.ndarray = np.linalg.lstsq(features, truth, rcond=None)[0]
    return weights


def make_features(x: Float[np.ndarray, " batch"], degree: int) -> Float[np.ndarray, "batch feature"]:
    """Return one row of features per example: the Legendre polynomials of x up to a degree."""
    return np.polynomial.legendre.legvander(x, degree)
