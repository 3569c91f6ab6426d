r"""Dropout: in training, every node is off with probability p, each on its own, new at every step.

.. math:: y_i = \frac{m_i}{1 - p}\, x_i, \qquad m_i \sim \mathrm{Bernoulli}(1 - p)

Dividing by 1 − p keeps each node's mean what it was, so that evaluation uses the network as it is, with nothing off
(Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014; rescaled in
training rather than in evaluation, as every library does it today).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

_LEVELS = 2**16


def keep_mask(like: Tensor, p: float) -> Tensor:
    """Draw which nodes stay on: True with probability ``1 - p``, each on its own.

    One 64-bit random number decides four nodes, 16 bits each: drawing is what dropout costs on a CPU, and this
    is several times faster than a number a node. ``p`` is met to within 1/131072.

    Parameters
    ----------
    like : Tensor
        Whose shape and device the mask takes. Bits come from torch's generator, so ``torch.manual_seed`` decides.
    p : float
        The probability that a node is off.

    Returns
    -------
    Tensor of bool
    """
    count = like.numel()
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=like.device).random_(-(2**63), None)
    levels = words.view(torch.int16)[:count].view(like.shape)
    return levels >= round(p * _LEVELS) - _LEVELS // 2


def dropout(x: Float[Tensor, "*shape"], p: float, training: bool = True) -> Float[Tensor, "*shape"]:
    """Turn nodes off at random in training; return ``x`` itself in evaluation.

    Parameters
    ----------
    x : Tensor
        The nodes' values, any shape.
    p : float
        The probability that a node is off, from 0 to 1.
    training : bool
        Whether to drop at all.

    Raises
    ------
    ValueError
        ``p`` is no probability.

    Examples
    --------
    >>> torch.manual_seed(0).initial_seed()
    0
    >>> dropped = dropout(torch.ones(10_000), 0.2)
    >>> sorted(set(dropped.tolist()))
    [0.0, 1.25]
    >>> dropout(torch.ones(3), 0.2, training=False)
    tensor([1., 1., 1.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p = {p}: a probability lies between 0 and 1")
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0
    return x * keep_mask(x, p) * (1 / (1 - p))


class Dropout(nn.Module):
    """`dropout` as a layer: it drops after ``model.train()`` and not after ``model.eval()``.

    Parameters
    ----------
    p : float
        The probability that a node is off.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p = {p}: a probability lies between 0 and 1")
        self.p = p

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return ``x`` with nodes off at random in training, unchanged in evaluation."""
        return dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        """Show the probability where the model is printed."""
        return f"p={self.p}"


def overfitting_gap(training_accuracy: float, test_accuracy: float) -> float:
    """Return how much better a model does on what it has seen than on what it has not.

    Parameters
    ----------
    training_accuracy, test_accuracy : float
        Shares of right answers in evaluation mode, 0 to 1.

    Returns
    -------
    float
        Above 0 for nearly every trained model, and near 0 for one that has learned nothing. A gap that grows while the
        test accuracy stands still or falls is over-fitting.

    Examples
    --------
    >>> round(overfitting_gap(0.998, 0.981), 3)
    0.017
    """
    return training_accuracy - test_accuracy
