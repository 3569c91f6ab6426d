r"""Normalization: numbers get mean 0 and standard deviation 1, then a learned scale γ and a learned shift β.

.. math:: \text{out} = \gamma \cdot \frac{x - \mu}{\sqrt{v + \varepsilon}} + \beta, \qquad
    \mu = \frac1N \sum x, \quad v = \frac1N \sum (x - \mu)^2

* layer normalization: μ and v are taken over the features of each example (in a transformer, of each token's vector),
  in training and in evaluation;
* batch normalization: μ and v are taken over the examples of the batch for each feature; in evaluation, running
  averages from training replace them;
* RMS normalization: no mean is subtracted and no shift added, out = γ · x / √(mean of x² + ε).

In this file the variance always divides by N (the biased variance), where N is the number of values.
Source: J. Ba, J. Kiros and G. Hinton, "Layer Normalization" (2016); S. Ioffe and C. Szegedy, "Batch Normalization"
(2015); B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization" (2019).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def layer_norm(
    x: Float[Tensor, "*batch feature"],
    gamma: Float[Tensor, " feature"],
    beta: Float[Tensor, " feature"],
    epsilon: float = 1e-5,
) -> Float[Tensor, "*batch feature"]:
    """Normalize each example over its features.

    Parameters
    ----------
    x : Tensor of float, shape (feature,) or (..., feature)
        One example, or any number of examples.
    gamma, beta : Tensor of float, shape (feature,)
        The learned scale and shift of each feature.
    epsilon : float
        Added to the variance, so that an example whose numbers are all equal does not divide by 0.

    Returns
    -------
    Tensor of float, shape of ``x``

    Examples
    --------
    >>> out = layer_norm(torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.ones(4), torch.zeros(4))
    >>> [round(number, 4) for number in out.tolist()]
    [-1.3416, -0.4472, 0.4472, 1.3416]
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return gamma * (x - mean) / torch.sqrt(variance + epsilon) + beta


def batch_norm(
    x: Float[Tensor, "batch feature"],
    gamma: Float[Tensor, " feature"],
    beta: Float[Tensor, " feature"],
    running_mean: Float[Tensor, " feature"],
    running_var: Float[Tensor, " feature"],
    momentum: float = 0.1,
    epsilon: float = 1e-5,
    training: bool = True,
) -> tuple[Float[Tensor, "batch feature"], Float[Tensor, " feature"], Float[Tensor, " feature"]]:
    """Normalize each feature over the examples of the batch.

    Parameters
    ----------
    x : Tensor of float, shape (batch, feature)
        One row per example.
    gamma, beta : Tensor of float, shape (feature,)
        The learned scale and shift of each feature.
    running_mean, running_var : Tensor of float, shape (feature,)
        The running averages before this batch; these tensors are not changed.
    momentum : float
        The weight of the new batch, 0 to 1: new = (1 - momentum) · old + momentum · batch.
    epsilon : float
        Added to the variance, so that a constant feature does not divide by 0.
    training : bool
        True: normalize with the statistics of the batch, and update the running averages. False: normalize with the
        running averages and do not update them, so that the result for one example does not depend on the other
        examples in the batch.

    Returns
    -------
    out : Tensor of float, shape (batch, feature)
        The normalized examples.
    running_mean, running_var : Tensor of float, shape (feature,)
        The running averages after this batch.

    Notes
    -----
    The running variance averages the biased variance (divided by N), as the course does. PyTorch also normalizes with
    the biased variance, but averages the unbiased variance (divided by N - 1), which is N / (N - 1) times as large.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> out, mean, variance = batch_norm(x, torch.ones(2), torch.zeros(2), torch.zeros(2), torch.ones(2), 0.1)
    >>> out.round(decimals=4)
    tensor([[-1., -1.],
            [ 1.,  1.]])
    >>> mean, variance
    (tensor([0.2000, 0.3000]), tensor([1., 1.]))
    """
    if training:
        mean = x.mean(dim=0)
        variance = (x - mean).square().mean(dim=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean.detach()
        running_var = (1 - momentum) * running_var + momentum * variance.detach()
    else:
        mean, variance = running_mean, running_var
    out = gamma * (x - mean) / torch.sqrt(variance + epsilon) + beta
    return out, running_mean, running_var


def rms_norm(
    x: Float[Tensor, "*batch feature"], gamma: Float[Tensor, " feature"], epsilon: float = 1e-5
) -> Float[Tensor, "*batch feature"]:
    """Divide each example by the square root of the mean of its squares, then scale each feature.

    Parameters
    ----------
    x : Tensor of float, shape (feature,) or (..., feature)
        One example, or any number of examples.
    gamma : Tensor of float, shape (feature,)
        The learned scale of each feature.
    epsilon : float
        Added to the mean square, so that an example of zeros does not divide by 0; it stays all zeros.

    Returns
    -------
    Tensor of float, shape of ``x``

    Examples
    --------
    >>> out = rms_norm(torch.tensor([1.0, 2.0, 3.0]), torch.ones(3))
    >>> [round(number, 4) for number in out.tolist()]
    [0.4629, 0.9258, 1.3887]
    """
    mean_square = x.square().mean(dim=-1, keepdim=True)
    return gamma * x / torch.sqrt(mean_square + epsilon)


class LayerNorm(nn.Module):
    """`layer_norm` as a layer.

    Parameters
    ----------
    width : int
        The number of channels.
    epsilon : float
        Added to the variance, so that a vector whose numbers are all equal does not divide by 0.

    Attributes
    ----------
    weight, bias : Parameter, shape (width,)
        The scale γ of each channel, at first 1, and its shift β, at first 0.
    """

    def __init__(self, width: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch channel"]:
        """Return the normalized vectors."""
        # The same as `layer_norm`, in one call.
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


class RMSNorm(nn.Module):
    """`rms_norm` as a layer.

    Parameters
    ----------
    width : int
        The number of channels.
    epsilon : float
        Added to the mean square, so that a vector of zeros does not divide by 0.

    Attributes
    ----------
    weight : Parameter, shape (width,)
        The scale γ of each channel, at first 1.
    """

    def __init__(self, width: int, epsilon: float = 1e-6) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch channel"]:
        """Return the normalized vectors."""
        # The same as `rms_norm`, in one call.
        return functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)
