r"""Dropout: in training, every node is set to 0 with probability p, independently, and drawn again at every step.

.. math:: y_i = \frac{m_i}{1 - p}\, x_i, \qquad m_i \sim \mathrm{Bernoulli}(1 - p)

Dividing by 1 − p keeps the mean of each node unchanged, so evaluation can use the complete network without rescaling.
Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014. They
rescale in evaluation; today's libraries rescale in training, as here.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def keep_mask(like: Tensor, p: float) -> Tensor:
    """Draw which nodes are kept: 1 with probability ``1 - p``, else 0, independently for each node.

    Parameters
    ----------
    like : Tensor
        A tensor with the mask's shape, dtype and device. The random numbers come from torch's global generator, which
        ``torch.manual_seed`` sets.
    p : float
        The probability that a node is dropped.
    """
    return torch.empty_like(like).bernoulli_(1 - p)


def dropout(x: Float[Tensor, "*shape"], p: float, training: bool = True) -> Float[Tensor, "*shape"]:
    """Set nodes to 0 at random in training; return ``x`` itself in evaluation.

    Parameters
    ----------
    x : Tensor
        The nodes' values, any shape.
    p : float
        The probability that a node is dropped, from 0 to 1.
    training : bool
        True for training, False for evaluation.

    Raises
    ------
    ValueError
        ``p`` is not between 0 and 1.

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
    """`dropout` as a layer: it drops nodes after ``model.train()`` and none after ``model.eval()``.

    Parameters
    ----------
    p : float
        The probability that a node is dropped.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p = {p}: a probability lies between 0 and 1")
        self.p = p

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return ``x`` with nodes dropped at random in training, and unchanged in evaluation."""
        # The same as `dropout`, with the same random numbers, in one call.
        return functional.dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        """Return the probability, shown when the model is printed."""
        return f"p={self.p}"


def overfitting_gap(training_accuracy: float, test_accuracy: float) -> float:
    """Return how much better a model is on its training examples than on new examples.

    Parameters
    ----------
    training_accuracy, test_accuracy : float
        Fractions of right answers in evaluation mode, 0 to 1.

    Returns
    -------
    float
        The difference: above 0 for nearly every trained model, and near 0 for a model that has learned nothing. If it
        grows while the test accuracy stays the same or falls, the model is overfitting.

    Examples
    --------
    >>> round(overfitting_gap(0.998, 0.981), 3)
    0.017
    """
    return training_accuracy - test_accuracy
