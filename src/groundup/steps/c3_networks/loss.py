r"""Losses: one number for how wrong a batch of predictions is, with a slope to descend.

.. math:: \mathrm{MSE} = \frac1N \sum_i (\hat y_i - y_i)^2, \qquad
    \mathrm{CE} = -\frac1N \sum_i \log \mathrm{softmax}(z_i)_{c_i}

Cross-entropy wants logits: its softmax is the squashing. A sigmoid or softmax in front of it squashes twice.
(Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.5 and 6.2.)
"""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor


def mean_squared_error(prediction: Float[Tensor, "*shape"], target: Float[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Return the mean of the squared errors, in the target's unit squared; the slope grows with the error.

    Examples
    --------
    >>> import torch
    >>> mean_squared_error(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 2.5]))
    tensor(0.2500)
    """
    return (prediction - target).square().mean()


def binary_cross_entropy(
    probability: Float[Tensor, "*shape"], target: Float[Tensor, "*shape"], clip: float = 1e-7
) -> Float[Tensor, ""]:
    """Return the mean of −log of the probability given to what happened.

    Parameters
    ----------
    probability : Tensor
        Of the answer "yes", 0 to 1.
    target : Tensor
        1 for yes, 0 for no.
    clip : float
        Probabilities are kept this far from 0 and 1: the logarithm of 0 has no end.

    Examples
    --------
    >>> import torch
    >>> loss = binary_cross_entropy(torch.tensor([0.9, 0.1, 0.8]), torch.tensor([1.0, 0.0, 1.0]))
    >>> round(loss.item(), 4)
    0.1446
    """
    p = probability.clamp(clip, 1 - clip)
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


def categorical_cross_entropy(
    probabilities: Float[Tensor, "batch class"], target: Float[Tensor, "batch class"], clip: float = 1e-7
) -> Float[Tensor, ""]:
    """Return the mean over the batch of −log of the probability given to the right class.

    Parameters
    ----------
    probabilities : Tensor
        A row an example, each summing to 1.
    target : Tensor
        A row an example, 1 in the right class's column and 0 elsewhere.
    clip : float
        Probabilities are kept this far from 0 and 1.
    """
    return -(target * probabilities.clamp(clip, 1 - clip).log()).sum(dim=-1).mean()


def cross_entropy(logits: Float[Tensor, "batch class"], target: Int[Tensor, "batch"]) -> Float[Tensor, ""]:
    """Return the mean over the batch of −log softmax of the right class's logit.

    Written as log Σ exp(z) − z of the right class, with the largest logit taken off, which no size overflows.

    Parameters
    ----------
    logits : Tensor
        A row of scores an example, any size, not yet squashed.
    target : Tensor of int
        The right class's place, an example each.
    """
    largest = logits.max(dim=-1, keepdim=True).values
    shifted = logits - largest.detach()
    log_total = shifted.exp().sum(dim=-1).log()
    right = shifted.gather(-1, target[:, None].long())[:, 0]
    return (log_total - right).mean()
