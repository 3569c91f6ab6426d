r"""Initialisation: random weights of such a size that signals neither fade nor blow up from layer to layer.

A node adds up ``fan_in`` products, so its variance is fan_in times that of a weight (for inputs of mean square 1):

.. math:: \text{Xavier: } \sigma = \sqrt{\frac{2}{\text{fan\_in} + \text{fan\_out}}}, \qquad
    \text{Kaiming: } \sigma = \sqrt{\frac{2}{\text{fan\_in}}}

Xavier is the middle between keeping the forward signal (1 / fan_in) and the backward one (1 / fan_out). Kaiming has a
2 over fan_in alone, since a ReLU throws half of the signal's power away. Without either, σ = 1: the signal grows by
√(fan_in / 2) a layer. Weights are (fan_out, fan_in), a row a node, as PyTorch keeps them.
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
    """Return the standard deviation of Xavier's weights.

    Parameters
    ----------
    fan_in, fan_out : int
        How many inputs a layer has, and how many nodes; together at least 1.

    Examples
    --------
    >>> round(xavier_deviation(4, 3), 4)
    0.5345
    """
    return math.sqrt(2 / (fan_in + fan_out))


def kaiming_deviation(fan_in: int) -> float:
    """Return the standard deviation of Kaiming's weights, for a layer with a ReLU behind it.

    Parameters
    ----------
    fan_in : int
        How many inputs the layer has, at least 1.

    Examples
    --------
    >>> kaiming_deviation(8)
    0.5
    """
    return math.sqrt(2 / fan_in)


def xavier_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw the weights of a layer after Xavier, from PyTorch's own random state.

    Parameters
    ----------
    fan_in, fan_out : int
        How many inputs the layer has, and how many nodes.

    Returns
    -------
    Tensor of float, shape (fan_out, fan_in)
        Normal numbers around 0.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> [round(weight, 4) for weight in xavier_init(4, 3)[0].tolist()]
    [0.8237, -0.1568, -1.1646, 0.3038]
    """
    return torch.randn(fan_out, fan_in) * xavier_deviation(fan_in, fan_out)


def kaiming_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw the weights of a layer after Kaiming; parameters and result as in `xavier_init`."""
    return torch.randn(fan_out, fan_in) * kaiming_deviation(fan_in)


def random_init(fan_in: int, fan_out: int) -> Float[Tensor, "{fan_out} {fan_in}"]:
    """Draw the weights of a layer with deviation 1, whatever its size: the mistake the other two mend."""
    return torch.randn(fan_out, fan_in)


def measure_spread(x: Float[Tensor, "*batch feature"], weights: Sequence[Float[Tensor, "_ _"]]) -> list[float]:
    """Return the standard deviation of the activations behind each layer's ReLU.

    Parameters
    ----------
    x : Tensor of float, shape (feature,) or (batch, feature)
        What goes in.
    weights : sequence of Tensor, shapes (nodes, inputs)
        The layers, without biases, a ReLU after each.

    Returns
    -------
    list of float
        One a layer, over all examples and nodes together, with N - 1 underneath as in ``torch.std``: a layer needs
        two activations at least.

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
    """Send one random example through fresh layers and return the spread of the activations, layer by layer.

    Draws from PyTorch's own random state: the layers' weights first, from first to last, then the example.

    Parameters
    ----------
    num_layers : int
        How many layers; 0 gives an empty list.
    input_dim : int
        Features of the example.
    hidden_dim : int
        Nodes of every layer, at least 2.
    init_type : {"xavier", "kaiming", "random"}
        How weights are drawn; "random" is deviation 1.

    Returns
    -------
    list of float
        As from `measure_spread`.

    Raises
    ------
    ValueError
        Another ``init_type``.

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
