"""Logistic regression: a class predicted as probabilities, and the weights found by gradient descent.

Two classes, 0 and 1, have one score. The sigmoid turns it into the probability of class 1:

    score       z = X · w + b                               X: one row per example, one column per feature
    probability p = 1 / (1 + e⁻ᶻ)                           so z = log(p / (1 - p)), the logarithm of the odds
    loss          = -1/N · Σ log(probability given to the true class) + penalty/2 · Σ w²
    ∂loss/∂w      = 1/N · Xᵀ · (p - y) + penalty · w         y: 1 where the row is of class 1, else 0
    ∂loss/∂b      = 1/N · Σ (p - y)

More classes have a score each. The softmax turns a row's scores into probabilities, and in the gradient p and y become
tables with one column per class:

    Z = X · W + b            p[i, k] = e^Z[i, k] / Σⱼ e^Z[i, j]
    ∂loss/∂W = 1/N · Xᵀ · (p - y) + penalty · W

A feature that is larger by 1 adds w to the score, so it multiplies the odds by e^w. Where the classes can be told apart
without a mistake the weights would grow without limit; the penalty keeps them finite. The bias has none.
Source: J. Berkson, "Application of the logistic function to bio-assay" (1944); D. R. Cox, "The regression analysis of
binary sequences" (1958), for the log loss; J. S. Bridle, "Probabilistic interpretation of feedforward classification
network outputs" (1990), for the softmax.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


def sigmoid(score: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Return 1 / (1 + e⁻ˢᶜᵒʳᵉ), without overflow for scores of any size.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 2.0])).round(4)
    array([0.    , 0.5   , 0.8808])
    """
    return np.exp(-np.logaddexp(0, -score))


def softmax(scores: Float[np.ndarray, "batch class"]) -> Float[np.ndarray, "batch class"]:
    """Return each row's scores as probabilities that add up to 1.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))  # the same probabilities, and no overflow
    return powers / powers.sum(axis=1, keepdims=True)


def predict(
    X: Float[np.ndarray, "batch feature"], weights: Float[np.ndarray, " feature"], bias: float
) -> Float[np.ndarray, " batch"]:
    """Return the probability of class 1 for every row.

    Parameters
    ----------
    X : array of float, shape (batch, feature)
        A row an example.
    weights : array of float, shape (feature,)
        How much the logarithm of the odds grows for each extra unit of a feature.
    bias : float
        The logarithm of the odds where every feature is 0.

    Examples
    --------
    >>> predict(np.array([[0.0], [np.log(3)]]), np.array([1.0]), 0.0).round(4)
    array([0.5 , 0.75])
    """
    return sigmoid(X @ weights + bias)


def predict_classes(
    X: Float[np.ndarray, "batch feature"],
    weights: Float[np.ndarray, "feature class"],
    bias: Float[np.ndarray, " class"],
) -> Float[np.ndarray, "batch class"]:
    """Return the probability of every class for every row."""
    return softmax(X @ weights + bias)


def log_loss(probability: Float[np.ndarray, " batch"], truth: Float[np.ndarray, " batch"]) -> float:
    """Return the mean of -log(probability given to the true class), in nats.

    Parameters
    ----------
    probability : array of float, shape (batch,)
        Of class 1.
    truth : array of float, shape (batch,)
        0 or 1.

    Examples
    --------
    >>> round(log_loss(np.array([0.5, 0.9]), np.array([0.0, 1.0])), 4)
    0.3993
    """
    return float(-np.mean(np.log(np.where(truth == 1, probability, 1 - probability))))


def log_loss_of_classes(
    probability: Float[np.ndarray, "batch class"], truth: Float[np.ndarray, "batch class"]
) -> float:
    """Return the mean of -log(probability given to the true class); ``truth`` has a 1 in each row's true column."""
    return float(-np.mean(np.log(np.sum(probability * truth, axis=1))))


def differentiate(
    probability: Float[np.ndarray, "batch *class"],
    truth: Float[np.ndarray, "batch *class"],
    X: Float[np.ndarray, "batch feature"],
) -> Float[np.ndarray, "feature *class"]:
    """Return the gradient of the mean log loss by the weights, of two classes or of more."""
    return X.T @ (probability - truth) / len(truth)


def differentiate_bias(
    probability: Float[np.ndarray, "batch *class"], truth: Float[np.ndarray, "batch *class"]
) -> float | Float[np.ndarray, " class"]:
    """Return the gradient of the mean log loss by the bias: that of a feature which is always 1."""
    return np.mean(probability - truth, axis=0)


def one_hot(classes: Int[np.ndarray, " batch"], count: int) -> Float[np.ndarray, "batch class"]:
    """Return a row of zeros for each example, with a 1 in the column of its class.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    return np.eye(count)[classes]


def train(
    X: Float[np.ndarray, "batch feature"],
    truth: Float[np.ndarray, " batch"],
    iterations: int,
    learning_rate: float = 0.1,
    penalty: float = 0.0,
) -> tuple[Float[np.ndarray, " feature"], float]:
    """Train the weights and the bias for two classes by full-batch gradient descent from 0.

    Parameters
    ----------
    X : array of float, shape (batch, feature)
        A row an example.
    truth : array of float, shape (batch,)
        0 or 1.
    iterations : int
        How many steps to take.
    learning_rate : float
        The share of the gradient that a step takes.
    penalty : float
        What large weights cost.

    Returns
    -------
    weights : array of float, shape (feature,)
    bias : float

    Examples
    --------
    >>> weights, bias = train(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, 0.0, 1.0]), 500, 0.5)
    >>> weights.round(2), round(bias, 2)
    (array([0.91]), -1.36)
    """
    weights, bias = np.zeros(X.shape[1]), 0.0
    for _ in range(iterations):
        probability = predict(X, weights, bias)
        weights = weights - learning_rate * (differentiate(probability, truth, X) + penalty * weights)
        bias = bias - learning_rate * float(differentiate_bias(probability, truth))
    return weights, bias


def train_classes(
    X: Float[np.ndarray, "batch feature"],
    truth: Float[np.ndarray, "batch class"],
    iterations: int,
    learning_rate: float = 0.1,
    penalty: float = 0.0,
) -> tuple[Float[np.ndarray, "feature class"], Float[np.ndarray, " class"]]:
    """Train the weights and biases of two or more classes; parameters as in `train`, ``truth`` as `one_hot` gives it.

    Returns
    -------
    weights : array of float, shape (feature, class)
    bias : array of float, shape (class,)
    """
    weights, bias = np.zeros((X.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    for _ in range(iterations):
        probability = predict_classes(X, weights, bias)
        weights = weights - learning_rate * (differentiate(probability, truth, X) + penalty * weights)
        bias = bias - learning_rate * differentiate_bias(probability, truth)
    return weights, bias
