"""Any number of iterations of gradient descent for a linear regression, computed with one formula.

A step of full-batch gradient descent on the mean squared error is an affine map of the weights (a linear map plus a
constant), the same in every iteration:

    w ← w - α · 2/N · (XᵀX w - Xᵀy)

In the basis of the eigenvectors of XᵀX, the columns of V in X = U S Vᵀ, the directions are independent of each other.
The curvature of a direction is λ = 2 S²/N. Its distance from the least-squares solution c* = Uᵀy / S is multiplied by
the same factor 1 - αλ in every iteration:

    c after k iterations = (1 - αλ)ᵏ · c₀ + (1 - (1 - αλ)ᵏ) · c*

So the weights after k iterations cost no more than those after 1 iteration. The formula also shows when gradient
descent diverges: above α = 2 / λ_max the factor of the steepest direction is below -1, and every step overshoots by
more than the one before. In a flat direction (λ = 0) the weights do not change.
Source: S. Boyd and L. Vandenberghe, "Convex Optimization" (2004), 9.3; G. Goh, "Why momentum really works" (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from groundup.models.qr import Triangle

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "regression": "tests/steps/c2_regression/test_regression.py::test_recurrence_with_bias_is_the_loop",
}


@dataclass(frozen=True)
class Recurrence:
    """Gradient descent of a linear regression, direction by direction; created by `prepare`.

    Attributes
    ----------
    directions : array of float64, shape (feature, direction)
        V: the directions in the space of weights, one per column.
    stretch : array of float64, shape (direction,)
        S: the singular values. A unit step along a direction changes the vector of all predictions by this length.
    pull : array of float64, shape (direction,)
        Uᵀy: the component of the targets along each direction.
    curvature : array of float64, shape (direction,)
        λ: the second derivative of the error along each direction, the largest first.
    unreachable : float
        The smallest mean squared error that any weights can reach.
    rows : int
        N, the number of examples.
    """

    directions: Float[np.ndarray, "feature direction"]
    stretch: Float[np.ndarray, " direction"]
    pull: Float[np.ndarray, " direction"]
    curvature: Float[np.ndarray, " direction"]
    unreachable: float
    rows: int

    @property
    def stability_limit(self) -> float:
        """The learning rate above which the weights diverge; infinite if every curvature is 0."""
        steepest = float(self.curvature.max(initial=0.0))
        return 2 / steepest if steepest > 0 else float("inf")

    def weights_after(
        self,
        iterations: int,
        learning_rate: float,
        initial_weights: Float[np.ndarray, " feature"] | None = None,
    ) -> Float[np.ndarray, " feature"]:
        """Return the weights after this number of iterations of `groundup.steps.c2_regression.regression.train`.

        With a learning rate above the stability limit the weights diverge, and become infinite in the end.
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
    """Compute the directions of the descent from the triangle of ``[X, y]``, whose last column is the target."""
    features, target = triangle.factor[:, :-1], triangle.factor[:, -1]
    left, stretch, right = np.linalg.svd(features, full_matrices=False)
    # Singular values as small as rounding errors count as 0; otherwise they would drift with every iteration.
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
    """Return the least-squares weights, to which gradient descent converges, from the triangle of ``[X, y]``.

    If several weight vectors are equally good, the shortest is returned: descent from 0 converges to it.
    """
    features, target = triangle.factor[:, :-1], triangle.factor[:, -1]
    size = np.linalg.norm(features, axis=0)
    size[size == 0] = 1.0
    # Columns are scaled to the same length, because one with huge numbers would cost one with tiny numbers its digits.
    weights, _, rank, _ = np.linalg.lstsq(features / size, target)
    if rank == features.shape[1]:
        return weights / size
    return np.linalg.lstsq(features, target)[0]


def _power_minus_one(rate: Float[np.ndarray, " direction"], iterations: int) -> Float[np.ndarray, " direction"]:
    """Return (1 - rate)^iterations - 1 without losing digits if the rate is small."""
    if iterations == 0:
        return np.zeros_like(rate)
    with np.errstate(divide="ignore", over="ignore"):
        below = np.expm1(iterations * np.log1p(-np.minimum(rate, 1.0)))
        above = np.exp(iterations * np.log(np.abs(rate - 1.0))) * (-1) ** (iterations % 2) - 1
    return np.where(rate <= 1.0, below, above)


def _sum_powers(rate: Float[np.ndarray, " direction"], iterations: int) -> Float[np.ndarray, " direction"]:
    """Return 1 + (1 - rate) + … + (1 - rate)^(iterations - 1), which is ``iterations`` for a flat direction."""
    flat = rate == 0
    return np.where(flat, float(iterations), -_power_minus_one(rate, iterations) / np.where(flat, 1.0, rate))
