r"""Attention in tiles with a running softmax: the same result, without ever storing all T × T weights.

A softmax seems to need a whole row of scores at once: its largest score m, for safety, and the sum l of all
exponentials. Both can be kept while the row is read piece by piece. When a new tile of scores s brings a larger score,
what was summed so far is too large by the factor exp(m' − m), and is made smaller:

.. math::
    m' = \max(m, \max_j s_j), \quad
    l' = e^{m - m'} l + \sum_j e^{s_j - m'}, \quad
    o' = e^{m - m'} o + \sum_j e^{s_j - m'} v_j

It begins with m = −∞, l = 0 and o = 0. After the last tile, o / l is the average of the values, exactly that of the
whole row (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018). So attention goes through tiles
of queries, and for each of them through the tiles of keys up to its own; those behind it are hidden by the causal mask,
and are not computed at all. In the backward pass the weights of a tile of queries are computed again instead of kept.
Memory then grows with T, not with T² (Dao et al., "FlashAttention", 2022; on a graphics processor it is faster, too,
because a tile stays in the fast memory beside the cores). PyTorch's fused kernel, which the jobs use, works like this.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function

Column = Float[Tensor, "*batch query 1"]
Result = Float[Tensor, "*batch query value_channel"]


def add_tile(
    largest: Column,
    total: Column,
    result: Result,
    scores: Float[Tensor, "*batch query key"],
    values: Float[Tensor, "*batch key value_channel"],
) -> tuple[Column, Column, Result]:
    """Return the three numbers of a running softmax after one more tile of keys.

    Parameters
    ----------
    largest, total, result : Tensor
        m, the largest score of each query so far; l, the sum of its exponentials; o, the sum of the values, each times
        its exponential.
    scores : Tensor
        Of the new keys. −∞ where a query may not use a key; each query has been allowed one by now.
    values : Tensor
        Of the new keys.

    Examples
    --------
    A score of 0 with the value 1 has been read. A second score of 0 with the value 3 follows:

    >>> one = torch.ones(1, 1)
    >>> largest, total, result = add_tile(0 * one, one, one, 0 * one, 3 * one)
    >>> (result / total).item()
    2.0
    """
    # What is subtracted cancels out in the end, so no gradient flows through it.
    new_largest = torch.maximum(largest, scores.detach().amax(dim=-1, keepdim=True))
    shrink = torch.exp(largest - new_largest)
    weights = torch.exp(scores - new_largest)
    return new_largest, total * shrink + weights.sum(dim=-1, keepdim=True), result * shrink + weights @ values


def attend_tile(
    queries: Float[Tensor, "*batch query channel"],
    keys: Float[Tensor, "*batch key channel"],
    values: Float[Tensor, "*batch key value_channel"],
    tile: int,
) -> Result:
    """Return the attention of one tile of queries, which belong to the last positions of the keys."""
    time = keys.shape[-2]
    positions = torch.arange(time - queries.shape[-2], time, device=queries.device)[:, None]
    largest = torch.full_like(queries[..., :1], -torch.inf)
    total = torch.zeros_like(largest)
    result = queries.new_zeros(*queries.shape[:-1], values.shape[-1])
    for begin in range(0, time, tile):
        end = min(begin + tile, time)
        scores = queries @ keys[..., begin:end, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        hidden = torch.arange(begin, end, device=queries.device) > positions
        scores = scores.masked_fill(hidden, -torch.inf)
        largest, total, result = add_tile(largest, total, result, scores, values[..., begin:end, :])
    return result / total


class RecomputedTile(Function):
    """`attend_tile`, which keeps its inputs only: the backward pass computes the weights again."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, tile: int) -> Tensor:
        """Return the attention of one tile of queries."""
        ctx.save_for_backward(queries, keys, values)
        ctx.tile = tile
        return attend_tile(queries, keys, values, tile)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients along queries, keys and values."""
        with torch.enable_grad():
            queries, keys, values = (saved.detach().requires_grad_() for saved in ctx.saved_tensors)
            result = attend_tile(queries, keys, values, ctx.tile)
        return *torch.autograd.grad(result, (queries, keys, values), gradient), None


def tiled_attention(
    queries: Float[Tensor, "*batch query channel"],
    keys: Float[Tensor, "*batch key channel"],
    values: Float[Tensor, "*batch key value_channel"],
    tile: int = 128,
) -> Result:
    """Return the same as `groundup.steps.c6_gpt.attention.causal_attention`, ``tile`` × ``tile`` weights at a time.

    Parameters
    ----------
    queries, keys, values : Tensor
        The queries belong to the last positions of the keys.
    tile : int
        How many queries and keys are looked at together; the last tile may be smaller.

    Examples
    --------
    >>> x = torch.tensor([[0.0], [0.0], [0.0]])
    >>> tiled_attention(x, x, torch.tensor([[1.0], [3.0], [8.0]]), tile=2)
    tensor([[1.],
            [2.],
            [4.]])
    """
    earlier = keys.shape[-2] - queries.shape[-2]
    parts = []
    for begin in range(0, queries.shape[-2], tile):
        part = queries[..., begin : begin + tile, :]
        seen = earlier + begin + part.shape[-2]  # no key after the last of these queries
        arguments = (part, keys[..., :seen, :], values[..., :seen, :], tile)
        parts.append(RecomputedTile.apply(*arguments))  # type: ignore[no-untyped-call]  # PyTorch's apply has no types
    return torch.cat(parts, dim=-2)
