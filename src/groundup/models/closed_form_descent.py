"""Ten thousand iterations of gradient descent in one step.

A step of full-batch descent on the mean squared error is a linear map of the weights, the same in every iteration:

    w ← w - α · 2/N · (XᵀX·w - Xᵀy)

Turned into the directions v that XᵀX only stretches (X = U·S·Vᵀ, curvature λ = 2·S²/N), every direction goes its own
way: its distance from the least-squares answer c* = Uᵀy / S shrinks by the same factor 1 - αλ in every iteration,

    c after k iterations = (1 - αλ)ᵏ · c₀ + (1 - (1 - αλ)ᵏ) · c*

so iteration k costs what iteration 1 costs. It also tells when descent fails: above α = 2 / λ_max the factor of the
steepest direction is beyond -1, and every step overshoots by more than the last. A flat direction (λ = 0) stays put.
Source: S. Boyd and L. Vandenberghe, "Convex Optimization" (2004), 9.3; G. Goh, "Why momentum really works" (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from groundup.models.qr import Triangle

# Steps that this computes by other means, and the tests that hold the two equal.
EQUALS = {
    "regression": "tests/steps/c2_regression/test_regression.py::test_recurrence_with_bias_is_the_loop",
}


@dataclass(frozen=True)
class Recurrence:
    """The descent of a linear regression, direction by direction; made by `prepare`.

    Attributes
    ----------
    directions : array of float64, shape (feature, direction)
        The directions in the space of weights, one a column.
    stretch : array of float64, shape (direction,)
        S: how far a unit step along a direction moves all predictions together.
    pull : array of float64, shape (direction,)
        Uᵀy: what the targets ask of each direction.
    curvature : array of float64, shape (direction,)
        λ: how fast the slope changes along each direction, the largest first.
    unreachable : float
        The mean squared error that no weights can take away.
    rows : int
        N.
    """

    directions: Float[np.ndarray, "feature direction"]
    stretch: Float[np.ndarray, " direction"]
    pull: Float[np.ndarray, " direction"]
    curvature: Float[np.ndarray, " direction"]
    unreachable: float
    rows: int

    @property
    def stability_limit(self) -> float:
        """The learning rate above which the weights run away; infinite where nothing can be learned."""
        steepest = float(self.curvature.max(initial=0.0))
        return 2 / steepest if steepest > 0 else float("inf")

    def weights_after(
        self,
        iterations: int,
        learning_rate: float,
        initial_weights: Float[np.ndarray, " feature"] | None = None,
    ) -> Float[np.ndarray, " feature"]:
        """Return the weights after so many iterations of `groundup.steps.c2_regression.regression.train`.

        A learning rate above the stability limit gives weights that have run away, infinite in the end.
        """
        start = np.zeros(len(self.directions)) if initial_weights is None else initial_weights
        along = self.directions.T @ start
        rate = learning_rate * self.curvature
        moved = learning_rate * 2 / self.rows * self.stretch * self.pull * _sum_powers(rate, iterations)
        with np.errstate(over="ignore", invalid="ignore"):
            change = moved + along * _power_minus_one(rate, iterations)
            return start + self.directions @ change

    def losses_after(
        self,
        iterations: Float[np.ndarray, " time"],
        learning_rate: float,
        initial_weights: Float[np.ndarray, " feature"] | None = None,
    ) -> Float[np.ndarray, " time"]:
        """Return the mean squared error after each of these numbers of iterations."""
        start = np.zeros(len(self.directions)) if initial_weights is None else initial_weights
        gap = self.stretch * (self.directions.T @ start) - self.pull
        rate = learning_rate * self.curvature
        with np.errstate(over="ignore"):
            shrunk = np.stack([gap * (1 + _power_minus_one(rate, int(count))) for count in iterations])
            return self.unreachable + np.sum(shrunk**2, axis=1) / self.rows


def prepare(triangle: Triangle) -> Recurrence:
    """Find the directions of the descent from the triangle of ``[X, y]``, the target last."""
    features, target = triangle.factor[:, :-1], triangle.factor[:, -1]
    left, stretch, right = np.linalg.svd(features, full_matrices=False)
    # A stretch of the size of rounding is none: left in, it would drift for as long as the iterations last.
    known = stretch > max(features.shape) * np.finfo(float).eps * stretch.max(initial=0.0)
    stretch, pull = np.where(known, stretch, 0.0), np.where(known, left.T @ target, 0.0)
    rest = target - left @ pull
    return Recurrence(
        directions=right.T,
        stretch=stretch,
        pull=pull,
        curvature=2 * stretch**2 / triangle.rows,
        unreachable=float(rest @ rest) / triangle.rows,
        rows=triangle.rows,
    )


def solve(triangle: Triangle) -> Float[np.ndarray, " feature"]:
    """Return the least-squares weights themselves: where descent ends, from the triangle of ``[X, y]``.

    Where several weights do equally well, the shortest are returned, which is where descent from 0 ends.
    """
    features, target = triangle.factor[:, :-1], triangle.factor[:, -1]
    size = np.linalg.norm(features, axis=0)
    size[size == 0] = 1.0
    # Columns of equal length keep digits that a column in millions would cost one in thousandths.
    weights, _, rank, _ = np.linalg.lstsq(features / size, target)
    if rank == features.shape[1]:
        return weights / size
    return np.linalg.lstsq(features, target)[0]


def _power_minus_one(rate: Float[np.ndarray, " direction"], iterations: int) -> Float[np.ndarray, " direction"]:
    """Return (1 - rate)^iterations - 1 without losing the digits of a small rate."""
    if iterations == 0:
        return np.zeros_like(rate)
    with np.errstate(divide="ignore", over="ignore"):
        below = np.expm1(iterations * np.log1p(-np.minimum(rate, 1.0)))
        above = np.exp(iterations * np.log(np.abs(rate - 1.0))) * (-1) ** (iterations % 2) - 1
    return np.where(rate <= 1.0, below, above)


def _sum_powers(rate: Float[np.ndarray, " direction"], iterations: int) -> Float[np.ndarray, " direction"]:
    """Return 1 + (1 - rate) + … + (1 - rate)^(iterations - 1); a flat direction counts the iterations."""
    flat = rate == 0
    return np.where(flat, float(iterations), -_power_minus_one(rate, iterations) / np.where(flat, 1.0, rate))
