r"""LoRA: a trained layer goes on learning through a change of low rank, while its own weights stay.

.. math:: y = W x + b + \frac{\alpha}{r} B A x

W, nodes × features, is fixed. The change B A is the product of a matrix A, r × features, and a matrix B, nodes × r,
so it has rank r at most, and (nodes + features) · r numbers to learn instead of nodes · features. B starts at zero:
before the first step the layer computes what it did before. With A at zero, too, neither would ever learn, since the
gradient of each is multiplied by the other. The factor α/r keeps the size of the change about the same for any r.
(Hu et al., "LoRA: Low-rank adaptation of large language models", 2021, section 4.1.)

The change is linear in x, as the layer is. So it can be added to W when the training is over, and the layer then costs
what it cost before:

.. math:: W' = W + \frac{\alpha}{r} B A
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c4_training.linear import Linear


def low_rank_change(
    x: Float[Tensor, "*batch feature"],
    down: Float[Tensor, "rank feature"],
    up: Float[Tensor, "node rank"],
    alpha: float | int,
) -> Float[Tensor, "*batch node"]:
    """Return (α/r) B A x, what the change adds to the output.

    Parameters
    ----------
    x : Tensor
        The inputs.
    down, up : Tensor
        A, which takes the features down to r numbers, and B, which takes these up to the nodes.
    alpha : float
        α, divided by the rank r.

    Examples
    --------
    >>> low_rank_change(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [0.0]]), alpha=2)
    tensor([10.,  0.])
    """
    # From right to left: r numbers in between. B A first would be a matrix as large as W.
    return alpha / len(down) * ((x @ down.T) @ up.T)


def merge(
    weight: Float[Tensor, "node feature"],
    down: Float[Tensor, "rank feature"],
    up: Float[Tensor, "node rank"],
    alpha: float | int,
) -> Float[Tensor, "node feature"]:
    """Return W + (α/r) B A: the weight of a layer that computes the same without the change.

    Examples
    --------
    >>> merge(torch.eye(2), torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [0.0]]), alpha=2)
    tensor([[7., 2.],
            [0., 1.]])
    """
    return weight + alpha / len(down) * (up @ down)


class LowRankLinear(nn.Module):
    """A linear layer with fixed weights, plus a change of low rank that is trained.

    Parameters
    ----------
    layer : Linear
        The trained layer. Its weights get no gradient any more.
    rank : int
        r, at least 1.
    alpha : float
        α.

    Attributes
    ----------
    down : Parameter, shape (rank, features)
        A, drawn uniformly between −1/√features and 1/√features, as a linear layer's weights are.
    up : Parameter, shape (nodes, rank)
        B, zero.

    Examples
    --------
    >>> layer = LowRankLinear(Linear(4, 3), rank=2, alpha=4)
    >>> [name for name, parameter in layer.named_parameters() if parameter.requires_grad]
    ['down', 'up']
    """

    def __init__(self, layer: Linear, rank: int, alpha: float | int) -> None:
        super().__init__()
        self.layer, self.alpha = layer.requires_grad_(False), alpha
        nodes, features = layer.weight.shape
        bound = 1 / math.sqrt(features)
        self.down = nn.Parameter(torch.empty(rank, features).uniform_(-bound, bound).to(layer.weight))
        self.up = nn.Parameter(torch.zeros(nodes, rank).to(layer.weight))

    def forward(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch node"]:
        """Return the layer's output plus the change."""
        return self.layer(x) + low_rank_change(x, self.down, self.up, self.alpha)

    @property
    def weight(self) -> Float[Tensor, "node feature"]:
        """The merged weight, for whatever reads the weight of a linear layer; gradients flow to the change."""
        return merge(self.layer.weight, self.down, self.up, self.alpha)

    @property
    def bias(self) -> Float[Tensor, " node"] | None:
        """The layer's own bias, which does not change."""
        return self.layer.bias


def add_low_rank(model: nn.Module, rank: int, alpha: float | int) -> None:
    """Freeze a model and give each of its linear layers a change of low rank, in place."""
    model.requires_grad_(False)
    for parent in list(model.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, Linear):
                setattr(parent, name, LowRankLinear(layer, rank, alpha))


def merged_weights(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's weights by the names that they had before `add_low_rank`, with every change merged."""
    merged = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        path, _, last = name.rpartition(".")
        if last in ("down", "up") and isinstance(model.get_submodule(path), LowRankLinear):
            continue
        place = path.removesuffix("layer").removesuffix(".")
        owner = model.get_submodule(place) if path.endswith("layer") else None
        if isinstance(owner, LowRankLinear):
            merged[f"{place}.{last}".removeprefix(".")] = owner.weight if last == "weight" else tensor
        else:
            merged[name] = tensor
    return merged
