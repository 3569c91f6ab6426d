"""A neural network: layers of linear regressions with an activation between them.

The example has four inputs, two hidden layers of six nodes and two outputs:

    4 inputs → 6 nodes → ReLU → 6 nodes → ReLU → 2 outputs

A model is a class: the constructor holds the layers, ``forward`` makes the prediction, and calling the model calls
``forward``.
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
    """Linear layers of the given sizes with a ReLU after each but the last.

    Parameters
    ----------
    sizes : sequence of int
        The inputs, each hidden layer's nodes, the outputs: at least two numbers.

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
            raise ValueError(f"sizes {list(sizes)}: a network has inputs and outputs at the least")
        self.layers = nn.ModuleList(Linear(features, nodes) for features, nodes in pairwise(sizes))

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch output"]:
        """Return the outputs, one row an example; each output has weights of its own."""
        for layer in self.layers[:-1]:
            x = relu(layer(x))
        return self.layers[-1](x)


def collapse(layers: Sequence[Linear]) -> tuple[Float[Tensor, "output feature"], Float[Tensor, "output"]]:
    """Return the one linear layer that layers *without* activations between them amount to.

    Parameters
    ----------
    layers : sequence of Linear
        One after the other, each with a bias.

    Returns
    -------
    weight, bias : Tensor
        ``x @ weight.T + bias`` equals all the layers in a row.
    """
    weight = torch.eye(layers[0].weight.shape[1], dtype=layers[0].weight.dtype)
    bias = torch.zeros(layers[0].weight.shape[1], dtype=layers[0].weight.dtype)
    for layer in layers:
        weight = layer.weight @ weight
        bias = layer(bias)
    return weight, bias
