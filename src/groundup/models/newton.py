"""Logistic regression by Newton's method: the end of the descent in about ten steps.

Equals `groundup.steps.c2_regression.logistic`: `train` and `train_classes` after enough iterations have these weights,
to 1e-6; probabilities and gradient are computed by the step itself. It saves the thousands of iterations of descent.

The loss has one lowest point, since its curvature is never negative. Newton's method goes to the lowest point of the
parabola that touches the loss here,

    θ ← θ - H⁻¹ · gradient              H: the second derivatives, for two classes 1/N · Xᵀ·diag(p·(1-p))·X + penalty

and takes half of that step, or a quarter, …, where the loss would rise otherwise. H has a row per weight, so above
`MOST_WEIGHTS` of them L-BFGS is used, which estimates the curvature from the last gradients.
Source: J. Nocedal and S. Wright, "Numerical Optimization" (2006), chapters 3 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from groundup.steps.c2_regression import logistic

# Steps that this computes by other means, and the tests that hold the two equal.
EQUALS = {
    "logistic": "tests/models/test_newton.py::test_two_classes_end_where_the_loop_ends",
}
MOST_WEIGHTS = 600
_ROWS = 4096


@dataclass(frozen=True)
class Fitted:
    """What was found.

    Attributes
    ----------
    weights : array of float64, shape (feature, score)
        One score for two classes, else one score per class.
    bias : array of float64, shape (score,)
    losses : list of float
        The loss before each iteration, and at the end.
    converged : bool
        Whether the gradient is 0, but for rounding.
    """

    weights: Float[np.ndarray, "feature score"]
    bias: Float[np.ndarray, " score"]
    losses: list[float]
    converged: bool


def fit(
    X: Float[np.ndarray, "batch feature"],
    truth: Float[np.ndarray, "batch score"],
    penalty: float,
    iterations: int = 100,
    tolerance: float = 1e-9,
    most_weights: int = MOST_WEIGHTS,
) -> Fitted:
    """Find the weights and the bias with the smallest loss.

    Parameters
    ----------
    X : array of float64, shape (batch, feature)
        A row an example; best of mean 0 and deviation 1.
    truth : array of float64, shape (batch, score)
        One column of 0 and 1 for two classes, else as `logistic.one_hot` gives it.
    penalty : float
        As of `logistic.train`; above 0, where several classes have a score each: else many weights are equally good.
    iterations : int
        At most so many.
    tolerance : float
        The largest slope at which to stop.
    most_weights : int
        Of more weights, L-BFGS is used.
    """
    problem = _Problem(np.column_stack([np.ones(len(X)), X]), truth, penalty)
    start = np.zeros(problem.size)
    if problem.size <= most_weights:
        found, losses = _newton(problem, start, iterations, tolerance)
    else:
        found, losses = _lbfgs(problem, start, iterations * 20, tolerance)
    slope = float(np.abs(problem.measure(found)[1]).max())
    table = found.reshape(-1, truth.shape[1])
    return Fitted(table[1:], table[0], losses, slope <= max(100 * tolerance, 1e-7))


@dataclass(frozen=True)
class _Problem:
    """The loss as a function of bias and weights in one row; ``X`` begins with a column of ones."""

    X: np.ndarray
    truth: np.ndarray
    penalty: float

    @property
    def size(self) -> int:
        return self.X.shape[1] * self.truth.shape[1]

    def predict(self, point: np.ndarray) -> np.ndarray:
        scores = self.X @ point.reshape(-1, self.truth.shape[1])
        return logistic.sigmoid(scores) if scores.shape[1] == 1 else logistic.softmax(scores)

    def measure(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient."""
        table = point.reshape(-1, self.truth.shape[1])
        scores = self.X @ table
        # log(p) straight from the scores: a probability may be rounded to 0.
        if scores.shape[1] == 1:
            signs = np.where(self.truth == 1, -1.0, 1.0)
            loss = float(np.mean(np.logaddexp(0, signs * scores)))
        else:
            own = np.sum(scores * self.truth, axis=1)
            most = scores.max(axis=1)
            loss = float(np.mean(most + np.log(np.exp(scores - most[:, None]).sum(axis=1)) - own))
        gradient = logistic.differentiate(self.predict(point), self.truth, self.X)
        gradient[1:] += self.penalty * table[1:]
        return loss + self.penalty / 2 * float(np.sum(table[1:] ** 2)), gradient.reshape(-1)

    def curve(self, point: np.ndarray) -> np.ndarray:
        """Return the second derivatives, shape (size, size)."""
        features, scores = self.X.shape[1], self.truth.shape[1]
        table = np.zeros((features, scores, features, scores))
        for start in range(0, len(self.X), _ROWS):
            X = self.X[start : start + _ROWS]
            p = _Problem(X, self.truth[start : start + _ROWS], 0.0).predict(point)
            for one in range(scores):
                for other in range(one + 1):
                    weight = p[:, one] * ((one == other) - p[:, other])
                    block = X.T @ (weight[:, None] * X) / len(self.X)
                    table[:, one, :, other] += block
                    if one != other:
                        table[:, other, :, one] += block
        curvature = table.reshape(self.size, self.size)
        weights = np.arange(scores, self.size)
        curvature[weights, weights] += self.penalty
        return curvature


def _newton(problem: _Problem, point: np.ndarray, iterations: int, tolerance: float) -> tuple[np.ndarray, list[float]]:
    loss, gradient = problem.measure(point)
    losses = [loss]
    for _ in range(iterations):
        if np.abs(gradient).max() <= tolerance:
            break
        # The least of several equally good steps: of scores a class, all biases together may go up and down.
        step = np.linalg.lstsq(problem.curve(point), gradient, rcond=1e-13)[0]
        share = 1.0
        while share > 1e-6:
            tried = problem.measure(point - share * step)
            if tried[0] <= loss:
                break
            share /= 2
        else:
            break  # the rest is rounding
        point, (loss, gradient) = point - share * step, tried
        losses.append(loss)
    return point, losses


def _lbfgs(problem: _Problem, point: np.ndarray, iterations: int, tolerance: float) -> tuple[np.ndarray, list[float]]:
    from scipy.optimize import minimize  # a second, which few tables need

    losses = [problem.measure(point)[0]]
    found = minimize(
        problem.measure,
        point,
        jac=True,
        method="L-BFGS-B",
        callback=lambda now: losses.append(problem.measure(now)[0]),
        options={"maxiter": iterations, "maxfun": 2 * iterations, "gtol": tolerance, "ftol": 0.0, "maxcor": 30},
    )
    return found.x, losses
