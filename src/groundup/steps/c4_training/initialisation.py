r"""Initialization: random weights of a size such that activations and gradients neither vanish nor explode.

A node adds up ``fan_in`` products, so its variance is fan_in times the variance of a weight if the inputs have mean
square 1:

.. math:: \text{Xavier: } \sigma = \sqrt{\frac{2}{\text{fan\_in} + \text{fan\_out}}}, \qquad
    \text{Kaiming: } \sigma = \sqrt{\frac{2}{\text{fan\_in}}}

σ is the standard deviation of the weights. On the forward pass, a variance of 1 / fan_in keeps the size of the
activations constant from layer to layer. On the backward pass, 1 / fan_out does the same for the gradients. Xavier is a
compromise between the two. Kaiming uses fan_in alone (the forward pass); its 2 makes up for ReLU, which halves the mean
square. With σ = 1, activations after a ReLU grow by a factor √(fan_in / 2) per layer. Weights have shape
(fan_out, fan_in), one row per node, as in PyTorch.
Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010);
K. He et al., "Delving Deep into Rectifiers" (2015).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def xavier_deviation(fan_in: int, fan_out: int) -> float:
    """Return the standard deviation of the weights in Xavier initialization.

    Parameters
    ----------
    fan_in, fan_out : int
        The layer's numbers of inputs and nodes; their sum is at least 1.

    Examples
    --------
    >>> round(xavier_deviation(4, 3), 4)
    0.5345
    """
    return math.sqrt(2 / (fan_in + fan_out))


def kaiming_deviation(fan_in: int) -> float:
    """Return the standard deviation of the weights in Kaiming initialization, for a layer followed by a ReLU.

    Parameters
    ----------
    fan_in : int
        The layer's number of inputs, at least 1.

    Examples
    --------
    >>> kaiming_deviation(8)
    0.5
    """
    return math.sqrt(2 / fan_in)


def xavier_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw the weights of a layer with Xavier initialization, from PyTorch's global random generator.

    Parameters
    ----------
    fan_in, fan_out : int
        The layer's numbers of inputs and nodes.

    Returns
    -------
    Tensor of float, shape (fan_out, fan_in)
        Drawn from a normal distribution with mean 0.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> [round(weight, 4) for weight in xavier_init(4, 3)[0].tolist()]
    [0.8237, -0.1568, -1.1646, 0.3038]
    """
    return torch.randn(fan_out, fan_in) * xavier_deviation(fan_in, fan_out)


def kaiming_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw the weights of a layer with Kaiming initialization; parameters and result as in `xavier_init`."""
    return torch.randn(fan_out, fan_in) * kaiming_deviation(fan_in)


def random_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw weights with standard deviation 1 whatever the layer's size: the mistake that the other two correct."""
    return torch.randn(fan_out, fan_in)


def measure_spread(x: Float[Tensor, "*batch feature"], weights: Sequence[Float[Tensor, "_ _"]]) -> list[float]:
    """Return the standard deviation of the activations after each layer's ReLU.

    Parameters
    ----------
    x : Tensor of float, shape (feature,) or (batch, feature)
        The input of the first layer.
    weights : sequence of Tensor, shapes (nodes, inputs)
        One matrix per layer; the layers have no bias and a ReLU after each.

    Returns
    -------
    list of float
        One number per layer, over all its examples and nodes together. The sum of squares is divided by their number
        minus 1, as in ``torch.std``, so a layer needs at least two activations.

    Examples
    --------
    >>> measure_spread(torch.tensor([1.0, 3.0]), [torch.eye(2), 2 * torch.eye(2)])
    [1.4142135381698608, 2.8284270763397217]
    """
    spreads = []
    for W in weights:
        x = torch.relu(x @ W.T)
        spreads.append(x.std().item())
    return spreads


def check_activations(num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> list[float]:
    """Pass one random example through new layers and return the standard deviation of each layer's activations.

    The numbers come from PyTorch's global random generator: first the weights, from the first layer to the last, then
    the example.

    Parameters
    ----------
    num_layers : int
        The number of layers; 0 gives an empty list.
    input_dim : int
        The number of features of the example.
    hidden_dim : int
        The number of nodes of every layer, at least 2.
    init_type : {"xavier", "kaiming", "random"}
        How the weights are drawn; "random" means standard deviation 1.

    Returns
    -------
    list of float
        As from `measure_spread`.

    Raises
    ------
    ValueError
        ``init_type`` is none of the three.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> [round(spread) for spread in check_activations(3, 100, 100, "random")]
    [5, 45, 297]
    >>> [round(spread, 1) for spread in check_activations(3, 100, 100, "kaiming")]
    [0.7, 0.8, 0.9]
    """
    inits = {"xavier": xavier_init, "kaiming": kaiming_init, "random": random_init}
    if init_type not in inits:
        raise ValueError(f"init_type {init_type!r}: not one of {', '.join(inits)}")
    widths = [input_dim] + [hidden_dim] * num_layers
    weights = [inits[init_type](widths[layer], widths[layer + 1]) for layer in range(num_layers)]
    return measure_spread(torch.randn(input_dim), weights)
