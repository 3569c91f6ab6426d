"""A neural network: linear layers with an activation between them.

The default network has four inputs, two hidden layers of six nodes and two outputs:

    4 inputs → 6 nodes → ReLU → 6 nodes → ReLU → 2 outputs

In PyTorch a model is a class derived from ``nn.Module``: the constructor creates the layers, ``forward`` computes the
prediction, and ``model(x)`` calls ``forward``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c3_networks.activation import relu
from groundup.steps.c4_training.linear import Linear


class Network(nn.Module):
    """Linear layers of the given sizes, with a ReLU after each layer except the last.

    Parameters
    ----------
    sizes : sequence of int
        The number of inputs, of nodes in each hidden layer, and of outputs: at least two numbers.

    Raises
    ------
    ValueError
        Fewer than two sizes.

    Examples
    --------
    >>> Network([4, 6, 6, 2])(torch.randn(1, 4)).shape
    torch.Size([1, 2])
    """

    def __init__(self, sizes: Sequence[int] = (4, 6, 6, 2)) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"sizes {list(sizes)}: at least two numbers are needed, for inputs and outputs")
        self.layers = nn.ModuleList(Linear(features, nodes) for features, nodes in pairwise(sizes))

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch output"]:
        """Return the outputs, one row per example; each output has its own weights."""
        for layer in self.layers[:-1]:
            x = relu(layer(x))
        return self.layers[-1](x)


def collapse(layers: Sequence[Linear]) -> tuple[Float[Tensor, "output feature"], Float[Tensor, "output"]]:
    """Return the single linear layer that equals several linear layers *without* activations between them.

    Parameters
    ----------
    layers : sequence of Linear
        In the order in which they are applied, each with a bias.

    Returns
    -------
    weight, bias : Tensor
        ``x @ weight.T + bias`` equals the output of the last layer.
    """
    weight = torch.eye(layers[0].weight.shape[1], dtype=layers[0].weight.dtype)
    bias = torch.zeros(layers[0].weight.shape[1], dtype=layers[0].weight.dtype)
    for layer in layers:
        weight = layer.weight @ weight
        bias = layer(bias)
    return weight, bias
