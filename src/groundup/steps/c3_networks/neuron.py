"""One neuron: a weighted sum followed by an activation, and the gradient of its loss.

    z       = w · x + b                                        one weight per feature
    ŷ       = σ(z) = 1 / (1 + e⁻ᶻ)   or   max(0, z)            the activation
    loss    = ½ (ŷ - truth)²                                   the ½ cancels the 2 in the derivative
    ∂loss/∂z = (ŷ - truth) · ŷ (1 - ŷ)                         chain rule for σ, since σ' = σ (1 - σ)
    ∂loss/∂w = ∂loss/∂z · x       ∂loss/∂b = ∂loss/∂z

This file uses NumPy; the same functions for PyTorch are in `groundup.steps.c3_networks.activation` and
`groundup.steps.c3_networks.loss`. Source: F. Rosenblatt, "The Perceptron" (1958), for the neuron; D. Rumelhart, G.
Hinton and R. Williams, "Learning representations by back-propagating errors" (1986), for its gradient; Goodfellow,
Bengio and Courville, "Deep Learning" (2016), sections 3.13 and 6.2, for softmax and cross-entropy.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped


def sigmoid(z: Shaped[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Map every number into (0, 1).

    Only exponentials of numbers that are not positive are computed, so no ``z`` overflows.

    Parameters
    ----------
    z : array of float or int, any shape

    Returns
    -------
    array of float, shape of ``z``

    Examples
    --------
    >>> sigmoid(np.array([-1.0, 0.0, 1.0, 2.0])).round(5)
    array([0.26894, 0.5    , 0.73106, 0.8808 ])
    """
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


def relu(z: Shaped[np.ndarray, "*shape"]) -> Shaped[np.ndarray, "*shape"]:
    """Keep every positive number and replace every other number by 0.

    Parameters
    ----------
    z : array of float or int, any shape

    Returns
    -------
    array of the same dtype and shape as ``z``

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 1.0, 2.0]))
    array([0., 0., 1., 2.])
    """
    return np.where(z <= 0, 0, z)


def softmax(z: Shaped[np.ndarray, "*batch class"]) -> Float[np.ndarray, "*batch class"]:
    """Turn scores into probabilities that sum to 1 along the last dimension.

    The largest score is subtracted first: the result is the same, and no exponential overflows.

    Parameters
    ----------
    z : array of float or int, shape (class,) or (..., class)
        At least one class.

    Returns
    -------
    array of float, shape of ``z``

    Examples
    --------
    >>> softmax(np.array([1.0, 2.0, 3.0])).round(4)
    array([0.09  , 0.2447, 0.6652])
    """
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def neuron(
    x: Shaped[np.ndarray, " feature"],
    w: Shaped[np.ndarray, " feature"],
    b: float | int,
    activation: str = "sigmoid",
) -> float:
    """Return the output of one neuron.

    Parameters
    ----------
    x, w : array of float, shape (feature,)
        The inputs, and one weight per input.
    b : float
        The bias.
    activation : {"sigmoid", "relu"}
        The function applied to the weighted sum.

    Raises
    ------
    ValueError
        The activation is neither of the two.

    Examples
    --------
    >>> round(neuron(np.array([1.0, 2.0]), np.array([0.5, -0.5]), 0.1, "sigmoid"), 5)
    0.40131
    """
    activations = {"sigmoid": sigmoid, "relu": relu}
    if activation not in activations:
        raise ValueError(f"activation {activation!r}: not one of {', '.join(activations)}")
    z = np.asarray(w @ x + b)
    return float(activations[activation](z))


def differentiate_neuron(
    x: Shaped[np.ndarray, " feature"], w: Shaped[np.ndarray, " feature"], b: float | int, truth: float | int
) -> tuple[Float[np.ndarray, " feature"], float]:
    """Return the gradient of the loss ½ (σ(w · x + b) - truth)².

    Parameters
    ----------
    x, w : array of float, shape (feature,)
        The inputs, and one weight per input.
    b : float
        The bias.
    truth : float
        The right output.

    Returns
    -------
    dw : array of float, shape (feature,)
        ∂loss/∂w.
    db : float
        ∂loss/∂b.

    Examples
    --------
    >>> dw, db = differentiate_neuron(np.array([1.0, 2.0]), np.array([0.5, -0.5]), 0.1, 1.0)
    >>> dw.round(5), round(db, 5)
    (array([-0.14384, -0.28768]), -0.14384)
    """
    prediction = neuron(x, w, b, "sigmoid")
    dz = (prediction - truth) * prediction * (1 - prediction)
    return dz * x, dz


def binary_cross_entropy(
    y_true: Shaped[np.ndarray, "*shape"], y_pred: Float[np.ndarray, "*shape"], clip: float = 1e-7
) -> float:
    """Return the mean of -log of the probability given to the true answer.

    Parameters
    ----------
    y_true : array of float or int, any shape
        1 for yes, 0 for no.
    y_pred : array of float, the same shape
        The predicted probability of yes, 0 to 1.
    clip : float
        Probabilities are kept at least this far from 0 and 1, because log 0 is −∞.

    Returns
    -------
    float
        In nats.

    Examples
    --------
    >>> round(binary_cross_entropy(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.1, 0.8])), 4)
    0.1446
    """
    p = np.clip(y_pred, clip, 1 - clip)
    return float(-np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p)))


def categorical_cross_entropy(
    y_true: Shaped[np.ndarray, "batch class"], y_pred: Float[np.ndarray, "batch class"], clip: float = 1e-7
) -> float:
    """Return the mean over the rows of -log of the probability given to the right class.

    Parameters
    ----------
    y_true : array of float or int, shape (batch, class)
        One row per example: 1 in the right class's column and 0 elsewhere (one-hot).
    y_pred : array of float, shape (batch, class)
        One row of probabilities per example; each row sums to 1.
    clip : float
        Probabilities are kept at least this far from 0 and 1.

    Returns
    -------
    float
        In nats.

    Examples
    --------
    >>> truth, guess = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.5, 0.5], [0.5, 0.5]])
    >>> round(categorical_cross_entropy(truth, guess), 4)
    0.6931
    """
    p = np.clip(y_pred, clip, 1 - clip)
    return float(-np.mean(np.sum(y_true * np.log(p), axis=1)))
