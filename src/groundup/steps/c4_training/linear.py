r"""A linear layer: one linear regression per node, all computed in one matrix product.

.. math:: y = x W^\top + b

Each node has its own row of W and its own entry of b, and shares no weights with the other nodes.
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
    x : Tensor, shape (..., features)
        Any number of leading dimensions.
    weight : Tensor, shape (nodes, features)
        One row per node.
    bias : Tensor, shape (nodes,)
        One number per node.

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
        The number of inputs.
    nodes : int
        The number of nodes, which is the number of outputs.
    bias : bool
        Whether each node adds a bias.

    Attributes
    ----------
    weight : Parameter, shape (nodes, features)
        Drawn uniformly between −1/√features and 1/√features, PyTorch's default; the standard deviation is
        1/√(3 · features). This is the heuristic that Glorot and Bengio, "Understanding the difficulty of training deep
        feedforward neural networks" (2010), replace.
    bias : Parameter, shape (nodes,), or None
        Drawn from the same distribution.

    Examples
    --------
    >>> Linear(3, 5)(torch.zeros(2, 3)).shape
    torch.Size([2, 5])
    """

    def __init__(self, features: int, nodes: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(max(features, 1))
        self.weight = nn.Parameter(torch.empty(nodes, features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(nodes).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch node"]:
        """Return every node's weighted sum plus its bias."""
        # The same as `linear`, but in one call, which avoids a second pass over the result.
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, shown when the model is printed."""
        nodes, features = self.weight.shape
        return f"{features}, {nodes}, bias={self.bias is not None}"
