"""One ball in a long valley: two curvatures, one learning rate, and what momentum makes of both."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Complex, Float

from groundup.lessons.contours import trace_contours
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.optimisers.racing import HIGH, MOST_STEPS, WIDE, valley, walk
from groundup.lessons.views import Points, Slider, View
from groundup.steps.c4_training.optimisers import sgd_step

# How fast the slope grows along the valley and across it: the height is 0.01 x² + y².
CURVATURES = {"along": 0.02, "across": 2.0}
# Rate times curvature, from the left to the right of the picture.
PRODUCTS = np.geomspace(2e-4, 5, 241)


def move(
    w: np.ndarray, velocity: np.ndarray, curvature: np.ndarray, rate: float, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance to the lowest point and the velocity after a step along one direction."""
    velocity = momentum * velocity + curvature * w
    return sgd_step(w, velocity, rate), velocity


def find_roots(products: Float[np.ndarray, " product"], momentum: float) -> Complex[np.ndarray, "product 2"]:
    """Return the numbers by which steps multiply a distance: eigenvalues of the step, for each rate times curvature."""
    ones, zeros = np.ones_like(products), np.zeros_like(products)
    # A step is linear: what it does to a distance alone and to a velocity alone says what it does to both.
    columns = [move(*state, products, 1.0, momentum) for state in ((ones, zeros), (zeros, ones))]
    roots: np.ndarray = np.linalg.eigvals(np.moveaxis(np.array(columns), -1, 0))
    return roots.astype(complex)


def find_factors(products: Float[np.ndarray, " product"], momentum: float) -> Float[np.ndarray, " product"]:
    """Return the factor per step, for each rate times curvature: the size of the larger eigenvalue."""
    return np.abs(find_roots(products, momentum)).max(axis=1)


def trace_factor(key: str, curvature: float, rate: float, momentum: float, factor: float) -> dict[str, Any]:
    """Return where the factor of a direction comes from."""
    name, back = f"factor {key}", [Factor("−α", -rate), Factor("curvature", curvature)]
    if not momentum:
        return {key: trace_sum(name, factor, [Factor("1", 1.0)], back, then="abs(·)")}
    middle = 1 + momentum - rate * curvature
    under = middle**2 - 4 * momentum
    if under < 0:
        return {key: trace_sum(name, factor, [Factor("β", momentum)], then="√(·)")}
    root = math.sqrt(under)
    half = Factor("½", 0.5)
    return {
        f"{key}_s": trace_sum("s", middle, [Factor("1", 1.0)], [Factor("β", momentum)], back),
        f"{key}_root": trace_sum(
            "root",
            root,
            [Factor("s", middle, f"{key}_s")] * 2,
            [Factor("−4", -4.0), Factor("β", momentum)],
            then="√(·)",
        ),
        key: trace_sum(
            name, factor, [half, Factor("size of s", abs(middle))], [half, Factor("root", root, f"{key}_root")]
        ),
    }


@cache
def draw_land() -> list[str]:
    """Return the valley's contours."""
    x, y = np.linspace(-1.05 * WIDE, 1.05 * WIDE, 81), np.linspace(-1.05 * HIGH, 1.05 * HIGH, 81)
    heights = valley(np.stack(np.meshgrid(x, y), axis=-1))[0]
    return trace_contours(x, y, heights, np.linspace(0.12, 5, 11) ** 2)


def compute_valley(rate: float, momentum: float, start: list[list[float]], steps: int) -> dict[str, Any]:
    """Return a ball's way down a valley, and the factor per step of each direction.

    Returns
    -------
    dict
        ``land``: contours; ``path``: rows (x, y, height); ``products`` and ``curve``: the factor
        per step for each rate times curvature; ``places`` and ``factors``: those of both directions, along the valley
        first; ``swings``: whether each one changes sides; ``limit``: the largest rate times curvature at which a ball
        comes closer; ``origins`` of the factors; ``says``.
    """
    begin = [min(WIDE, max(-WIDE, start[0][0])), min(HIGH, max(-HIGH, start[0][1]))]
    path = walk(valley, begin, "momentum", rate, momentum)[0][:-1]
    places = rate * np.array(list(CURVATURES.values()))
    roots = find_roots(places, momentum)
    factors = np.abs(roots).max(axis=1)
    swings = [bool(np.any(np.abs(row.imag) > 1e-9) or row.real.min() < -1e-9) for row in roots]
    origins: dict[str, Any] = {}
    for (key, curvature), factor in zip(CURVATURES.items(), factors.tolist(), strict=True):
        origins |= trace_factor(key, curvature, rate, momentum, factor)
    along, across = factors
    return {
        "land": draw_land(),
        "path": path,
        "products": PRODUCTS,
        "curve": find_factors(PRODUCTS, momentum),
        "places": places,
        "factors": factors,
        "swings": swings,
        "limit": 2 * (1 + momentum),
        "origins": origins,
        "says": f"Factor per step {along:.4g} along the valley and {across:.4g} across it. "
        f"Height at step {steps}: {path[steps][2]:.3g}.",
    }


VALLEY = View(
    "A ball in a long valley, and the factor per step of each direction",
    compute_valley,
    (
        Slider("rate", "learning rate α", 0.3, low=0.01, high=2.0, step=0.01, log=True),
        Slider("momentum", "momentum β", 0.0, low=0.0, high=0.99, step=0.01),
        Points("start", "start", ((-9.0, 4.0),), least=1, most=1),
        Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
    ),
)
