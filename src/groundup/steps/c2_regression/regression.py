"""Linear regression: predict a number as a weighted sum, and find the weights by gradient descent.

    prediction = X @ w + b                                     X: one row per example, one column per feature
    error      = 1/N · Σ (truth - prediction)²                  the mean squared error of N examples
    ∂error/∂wⱼ = -2/N · Σ (truth - prediction) · X[:, j]
    ∂error/∂b  = -2/N · Σ (truth - prediction)
    w ← w - learning_rate · ∂error/∂w                           all weights from the same old prediction

A slope here is a partial derivative ∂error/∂w. The loop reads every row in every iteration and rounds nothing, because
rounded weights stop moving before the slope is zero. `groundup.models.closed_form_descent` computes the same weights
without reading the rows again. Source: A.-M. Legendre, "Nouvelles méthodes pour la détermination des orbites des
comètes" (1805), for the squared error; A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
simultanées" (1847), for the descent.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def predict(
    X: Float[np.ndarray, "batch feature"], weights: Float[np.ndarray, " feature"], bias: float = 0.0
) -> Float[np.ndarray, " batch"]:
    """Return the prediction for every row.

    Parameters
    ----------
    X : array of float, shape (batch, feature)
        One row per example.
    weights : array of float, shape (feature,)
        How much the prediction grows per unit of each feature.
    bias : float
        The prediction if every feature is 0, in the target's unit.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> predict(X, np.array([0.5, -0.5]))
    array([-0.5, -0.5, -0.5])
    """
    return X @ weights + bias


def measure_error(prediction: Float[np.ndarray, " batch"], truth: Float[np.ndarray, " batch"]) -> float:
    """Return the mean squared error, in the target's unit squared.

    Examples
    --------
    >>> round(measure_error(np.array([-0.5, -0.5, -0.5]), np.array([0.0, 1.0, 0.0])), 5)
    0.91667
    """
    return float(np.mean((truth - prediction) ** 2))


def differentiate_one_weight(
    prediction: Float[np.ndarray, " batch"],
    truth: Float[np.ndarray, " batch"],
    X: Float[np.ndarray, "batch feature"],
    weight_index: int,
) -> float:
    """Return the slope of the mean squared error along one weight.

    Parameters
    ----------
    prediction, truth : array of float, shape (batch,)
        The predicted and the true targets.
    X : array of float, shape (batch, feature)
        The examples that the predictions were made from.
    weight_index : int
        Which weight: the index of its column in ``X``. It is not the weight's value.
    """
    return float(-2 / len(truth) * np.sum((truth - prediction) * X[:, weight_index]))


def differentiate(
    prediction: Float[np.ndarray, " batch"],
    truth: Float[np.ndarray, " batch"],
    X: Float[np.ndarray, "batch feature"],
) -> Float[np.ndarray, " feature"]:
    """Return the slope along every weight at once: `differentiate_one_weight` for each column of ``X``."""
    return -2 / len(truth) * (X.T @ (truth - prediction))


def differentiate_bias(prediction: Float[np.ndarray, " batch"], truth: Float[np.ndarray, " batch"]) -> float:
    """Return the slope of the mean squared error along the bias, which is the weight of a feature that is always 1."""
    return float(-2 / len(truth) * np.sum(truth - prediction))


def train(
    X: Float[np.ndarray, "batch feature"],
    truth: Float[np.ndarray, " batch"],
    iterations: int,
    initial_weights: Float[np.ndarray, " feature"] | None = None,
    learning_rate: float = 0.01,
) -> Float[np.ndarray, " feature"]:
    """Train weights without a bias by full-batch gradient descent.

    Parameters
    ----------
    X : array of float, shape (batch, feature)
        One row per example.
    truth : array of float, shape (batch,)
        The true targets.
    iterations : int
        The number of steps; 0 returns the initial weights.
    initial_weights : array of float, shape (feature,), optional
        The weights to start from; zeros by default. The array is not changed.
    learning_rate : float
        The factor between the slope and the step.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
    >>> train(X, np.array([6.0, 3.0]), 10, np.array([0.2, 0.1, 0.6])).round(5)
    array([0.50678, 0.59057, 1.27435])
    """
    weights = np.zeros(X.shape[1]) if initial_weights is None else initial_weights.copy()
    for _ in range(iterations):
        weights = weights - learning_rate * differentiate(predict(X, weights), truth, X)
    return weights


def train_with_bias(
    X: Float[np.ndarray, "batch feature"],
    truth: Float[np.ndarray, " batch"],
    iterations: int,
    initial_weights: Float[np.ndarray, " feature"] | None = None,
    initial_bias: float = 0.0,
    learning_rate: float = 0.01,
) -> tuple[Float[np.ndarray, " feature"], float]:
    """Train weights and a bias; other parameters as in `train`.

    Parameters
    ----------
    initial_bias : float
        The bias to start from, in the target's unit.

    Returns
    -------
    weights : array of float, shape (feature,)
    bias : float

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> weights, bias = train_with_bias(X, np.array([5.0, 11.0]), 2)
    >>> weights.round(4), round(bias, 4)
    (array([0.64  , 0.9092]), 0.2692)
    """
    weights = np.zeros(X.shape[1]) if initial_weights is None else initial_weights.copy()
    bias = initial_bias
    for _ in range(iterations):
        prediction = predict(X, weights, bias)
        weights = weights - learning_rate * differentiate(prediction, truth, X)
        bias = bias - learning_rate * differentiate_bias(prediction, truth)
    return weights, bias
