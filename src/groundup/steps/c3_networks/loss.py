r"""Losses: one number that measures how wrong a batch of predictions is, and that gradient descent can reduce.

.. math:: \mathrm{MSE} = \frac1N \sum_i (\hat y_i - y_i)^2, \qquad
    \mathrm{CE} = -\frac1N \sum_i \log \mathrm{softmax}(z_i)_{c_i}

`cross_entropy` takes logits z (scores of any size) because it applies the softmax itself; a sigmoid or softmax before
it would be a second one. (Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.5 and 6.2.)
"""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor


def mean_squared_error(prediction: Float[Tensor, "*shape"], target: Float[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Return the mean of the squared errors, in the target's unit squared; the gradient is proportional to the error.

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
    """Return the mean of −log of the probability given to the true answer, in nats.

    Parameters
    ----------
    probability : Tensor
        The predicted probability of "yes", 0 to 1.
    target : Tensor
        1 for yes, 0 for no.
    clip : float
        Probabilities are kept at least this far from 0 and 1, because log 0 is −∞.

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
    """Return the mean over the batch of −log of the probability given to the right class, in nats.

    Parameters
    ----------
    probabilities : Tensor
        One row per example; each row sums to 1.
    target : Tensor
        One row per example: 1 in the right class's column and 0 elsewhere (one-hot).
    clip : float
        Probabilities are kept at least this far from 0 and 1.
    """
    return -(target * probabilities.clamp(clip, 1 - clip).log()).sum(dim=-1).mean()


def cross_entropy(logits: Float[Tensor, "batch class"], target: Int[Tensor, "batch"]) -> Float[Tensor, ""]:
    """Return the mean over the batch of −log softmax of the right class's logit, in nats.

    It is computed as log Σ exp(z) − z of the right class, after the largest logit is subtracted, so that no logit
    overflows.

    Parameters
    ----------
    logits : Tensor
        One row of scores per example; the scores may have any size.
    target : Tensor of int
        The index of the right class, one per example.
    """
    largest = logits.max(dim=-1, keepdim=True).values
    shifted = logits - largest.detach()
    log_total = shifted.exp().sum(dim=-1).log()
    right = shifted.gather(-1, target[:, None].long())[:, 0]
    return (log_total - right).mean()
