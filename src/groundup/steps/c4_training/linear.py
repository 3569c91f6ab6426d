r"""A linear layer: a linear regression for every node of the layer, all of them in one matrix product.

.. math:: y = x W^\top + b

Each of the layer's nodes has a row of W and a number of b to itself, learned apart from the others'.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def linear(
    x: Float[Tensor, "*batch feature"], weight: Float[Tensor, "node feature"], bias: Float[Tensor, " node"]
) -> Float[Tensor, "*batch node"]:
    """Return every node's weighted sum plus its bias.

    Parameters
    ----------
    x : Tensor
        Any number of leading dimensions; the last one holds the features.
    weight : Tensor, shape (nodes, features)
        A row a node.
    bias : Tensor, shape (nodes,)
        A number a node.

    Examples
    --------
    >>> linear(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0.5, 0.0]))
    tensor([[11.5000,  2.0000]])
    """
    return x @ weight.T + bias


class Linear(nn.Module):
    """A layer of nodes, each a weighted sum of all inputs plus a bias.

    Parameters
    ----------
    features : int
        How many inputs each node sees.
    nodes : int
        How many nodes, which is how many outputs.
    bias : bool
        Whether a node adds a number of its own.

    Attributes
    ----------
    weight : Parameter, shape (nodes, features)
        Drawn evenly from ±1/√features, as PyTorch does: a spread of 1/√(3 · features). It is the common heuristic that
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), replace.
    bias : Parameter, shape (nodes,), or None
        Drawn likewise.

    Examples
    --------
    >>> Linear(3, 5)(torch.zeros(2, 3)).shape
    torch.Size([2, 5])
    """

    def __init__(self, features: int, nodes: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(features)
        self.weight = nn.Parameter(torch.empty(nodes, features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(nodes).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch node"]:
        """Return every node's weighted sum."""
        # `linear` in one call, which saves a pass over the result.
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Show the sizes where the model is printed."""
        nodes, features = self.weight.shape
        return f"{features}, {nodes}, bias={self.bias is not None}"
