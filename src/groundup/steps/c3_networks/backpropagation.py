"""Backpropagation: the gradient of the loss with respect to every weight, computed layer by layer from the last layer.

    forward                              backward, the chain rule from the loss to the first weights
    z1 = W1 @ x + b1                     dŷ  = 2 (ŷ - truth) / outputs
    h  = max(0, z1)                      dW2 = dŷ ⊗ h        db2 = dŷ
    ŷ  = W2 @ h + b2                     dh  = W2ᵀ @ dŷ
    loss = mean (truth - ŷ)²             dz1 = dh where z1 > 0, else 0
                                         dW1 = dz1 ⊗ x       db1 = dz1

dA stands for ∂loss/∂A and has the shape of A; ⊗ is the outer product: dW2[k, j] = dŷ[k] · h[j]. A hidden node j
reaches every output k through the weight W2[k, j], so dh[j] = Σₖ W2[k, j] · dŷ[k], which is W2ᵀ @ dŷ. At z1 = 0 the
derivative of ReLU is taken as 0. `forward` is a network of any depth, with transposed weights: x @ W, not W @ x.
Source: S. Linnainmaa, "The representation of the cumulative rounding error of an algorithm" (1970), for computing
derivatives backward; D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating errors"
(1986), for networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from groundup.steps.c3_networks.neuron import relu


def forward_and_backward(
    x: Float[np.ndarray, " feature"],
    W1: Float[np.ndarray, "hidden feature"],
    b1: Float[np.ndarray, " hidden"],
    W2: Float[np.ndarray, "output hidden"],
    b2: Float[np.ndarray, " output"],
    truth: Float[np.ndarray, " output"],
) -> dict[str, Any]:
    """Return the loss of a two-layer network for one example, and its gradient.

    Parameters
    ----------
    x : array of float, shape (feature,)
        The example.
    W1, b1 : array of float, shape (hidden, feature) and (hidden,)
        The first layer: one row of weights and one bias per node.
    W2, b2 : array of float, shape (output, hidden) and (output,)
        The second layer.
    truth : array of float, shape (output,)
        The right outputs.

    Returns
    -------
    dict
        ``loss``, a float: the mean squared error. ``dW1``, ``db1``, ``dW2``, ``db2``: its gradients, arrays of the
        same shapes as ``W1``, ``b1``, ``W2``, ``b2``.

    Examples
    --------
    >>> slopes = forward_and_backward(
    ...     np.array([1.0, 2.0]), np.eye(2), np.zeros(2), np.array([[0.5, 0.5]]), np.zeros(1), np.array([1.0])
    ... )
    >>> slopes["loss"]
    0.25
    >>> slopes["dW2"]
    array([[1., 2.]])
    >>> slopes["dW1"]
    array([[0.5, 1. ],
           [0.5, 1. ]])
    """
    z1 = W1 @ x + b1
    h = relu(z1)
    prediction = W2 @ h + b2
    loss = float(np.mean((truth - prediction) ** 2))

    d_prediction = 2 * (prediction - truth) / len(truth)
    dW2, db2 = np.outer(d_prediction, h), d_prediction
    dh = W2.T @ d_prediction
    dz1 = np.where(z1 > 0, dh, 0)
    dW1, db1 = np.outer(dz1, x), dz1
    return {"loss": loss, "dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def forward(
    x: Float[np.ndarray, "*batch feature"],
    weights: Sequence[Float[np.ndarray, "_ _"]],
    biases: Sequence[Float[np.ndarray, " _"]],
) -> Float[np.ndarray, "*batch output"]:
    """Return the outputs of a network of any depth, with a ReLU after each layer except the last.

    Parameters
    ----------
    x : array of float, shape (feature,) or (batch, feature)
        One example, or one row per example.
    weights : sequence of array of float, shapes (inputs, outputs)
        One matrix per layer, at least one layer; each matrix has as many rows as the matrix before it has columns.
    biases : sequence of array of float, shapes (outputs,)
        One vector per layer.

    Returns
    -------
    array of float, shape (output,) or (batch, output)

    Raises
    ------
    ValueError
        The numbers of weights and biases differ, or there is no layer.

    Examples
    --------
    >>> forward(np.array([1.0, -2.0]), [np.eye(2), np.ones((2, 1))], [np.zeros(2), np.array([0.5])])
    array([1.5])
    """
    if len(weights) != len(biases) or not weights:
        raise ValueError(f"{len(weights)} weights, {len(biases)} biases: at least one layer, and one of both per layer")
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        x = relu(x @ W + b)
    return x @ weights[-1] + biases[-1]
