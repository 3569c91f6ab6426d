r"""Activations: the function that a node applies to its weighted sum.

.. math:: \mathrm{relu}(x) = \max(0, x), \qquad \sigma(x) = \frac{1}{1 + e^{-x}}, \qquad
    \mathrm{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

The first two are non-linearities. Without a non-linearity between them, any number of linear layers equals a single
linear layer, so depth adds nothing (Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.1).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def relu(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return ``x`` where it is positive and 0 elsewhere; the derivative is 1 and 0 (and 0 at x = 0)."""
    return torch.where(x <= 0, 0, x)


def sigmoid(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Map any number into (0, 1); the derivative is σ(1 − σ), at most 1/4.

    It is computed with tanh, which does not overflow for any ``x``.
    """
    return (torch.tanh(x / 2) + 1) / 2


def softmax(x: Float[Tensor, "*batch class"]) -> Float[Tensor, "*batch class"]:
    """Turn the scores along the last dimension into probabilities that sum to 1.

    The largest score is subtracted first: the result is the same, and no exponential overflows.

    Examples
    --------
    >>> [round(p, 4) for p in softmax(torch.tensor([1.0, 2.0, 3.0])).tolist()]
    [0.09, 0.2447, 0.6652]
    """
    powers = torch.exp(x - x.max(dim=-1, keepdim=True).values)
    return powers / powers.sum(dim=-1, keepdim=True)
