r"""Attention: every token's new vector is an average of its own value and those before it, weighted by fit.

.. math:: \mathrm{attention}(Q, K, V) = \mathrm{softmax}\left(\frac{QK^\top}{\sqrt d} + M\right) V

Queries, keys and values are linear maps of the tokens' vectors. The dot product of a query and a key says how well
they fit. It adds up d products: if the numbers in both are independent, of mean 0 and variance 1, its spread is √d,
and dividing by √d brings that to one for any width, so that softmax does not harden with width. The mask M is −∞ where
the key stands after the query (Vaswani et al., "Attention is all you need", 2017, equation 1). Several heads do this
side by side, each with maps of its own from the whole vector to a slice of the output's channels (section 3.2.2); in
grouped-query attention several query heads share one head of keys and values (Ainslie et al., "GQA", 2023).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional


def causal_mask(query_time: int, key_time: int, device: torch.device | None = None) -> Bool[Tensor, "query key"]:
    """Return True where a query may look: at keys no later than itself.

    The queries are the *last* ``query_time`` of the ``key_time`` places: after a cache of 3 tokens, the first of two
    new queries sees keys 0 to 3 and not its successor, the second sees all five.

    Examples
    --------
    >>> causal_mask(2, 5).int()
    tensor([[1, 1, 1, 1, 0],
            [1, 1, 1, 1, 1]], dtype=torch.int32)
    """
    allowed = torch.ones(query_time, key_time, dtype=torch.bool, device=device)
    return allowed.tril(key_time - query_time)


def attention_weights(
    queries: Float[Tensor, "*batch query channel"], keys: Float[Tensor, "*batch key channel"]
) -> Float[Tensor, "*batch query key"]:
    """Return how much each query takes of each key's value: rows that sum to one, zero after the query's place."""
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    allowed = causal_mask(queries.shape[-2], keys.shape[-2], queries.device)
    return scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)


def causal_attention(
    queries: Float[Tensor, "*batch query channel"],
    keys: Float[Tensor, "*batch key channel"],
    values: Float[Tensor, "*batch key value_channel"],
) -> Float[Tensor, "*batch query value_channel"]:
    """Return each query's weighted average of the values no later than itself: the formula as it stands."""
    return attention_weights(queries, keys) @ values


def fused_attention(
    queries: Float[Tensor, "batch head query channel"],
    keys: Float[Tensor, "batch head key channel"],
    values: Float[Tensor, "batch head key channel"],
) -> Float[Tensor, "batch head query channel"]:
    """Return what `causal_attention` returns, by PyTorch's fused kernel, which never holds all weights at once."""
    query_time, key_time = queries.shape[-2], keys.shape[-2]
    if query_time == key_time:
        return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    # is_causal would align the queries with the first keys; they are the last.
    allowed = None if query_time == 1 else causal_mask(query_time, key_time, queries.device)
    return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=allowed)


class SingleHeadAttention(nn.Module):
    """One causal head: linear maps to queries, keys and values, then `causal_attention`.

    Parameters
    ----------
    width : int
        Channels of the tokens' vectors.
    head_width : int
        Channels of the queries, keys and values.
    """

    def __init__(self, width: int, head_width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, head_width, bias=False)
        self.key = nn.Linear(width, head_width, bias=False)
        self.value = nn.Linear(width, head_width, bias=False)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time head_channel"]:
        """Return each token's new vector."""
        return causal_attention(self.query(x), self.key(x), self.value(x))


def split_heads(x: Float[Tensor, "batch time channel"], heads: int) -> Float[Tensor, "batch head time head_channel"]:
    """Cut the channels into heads; head h takes the h-th slice."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x: Float[Tensor, "batch head time head_channel"]) -> Float[Tensor, "batch time channel"]:
    """Lay the heads' channels side by side again."""
    return x.transpose(1, 2).flatten(-2)


def repeat_kv_heads(
    x: Float[Tensor, "batch key_value_head time channel"], heads: int
) -> Float[Tensor, "batch head time channel"]:
    """Give every head of keys or values to ``heads / key_value_heads`` query heads in a row."""
    groups = heads // x.shape[1]
    return x if groups == 1 else x.repeat_interleave(groups, dim=1)


class MultiHeadAttention(nn.Module):
    """Causal heads side by side, then one linear map over their joined channels.

    Parameters
    ----------
    width : int
        Channels of the tokens' vectors, in and out.
    heads : int
        Query heads.
    key_value_heads : int, optional
        Heads of keys and values, a divisor of ``heads``: as many by default, fewer for grouped-query attention.
    head_width : int, optional
        Channels of a head, ``width / heads`` by default.
    bias : bool
        Whether the four linear maps add a bias.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        key_value_heads: int | None = None,
        head_width: int | None = None,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.key_value_heads = key_value_heads or heads
        head_width = head_width or width // heads
        self.query = nn.Linear(width, heads * head_width, bias=bias)
        self.key = nn.Linear(width, self.key_value_heads * head_width, bias=bias)
        self.value = nn.Linear(width, self.key_value_heads * head_width, bias=bias)
        self.output = nn.Linear(heads * head_width, width, bias=bias)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time output_channel"]:
        """Return each token's new vector."""
        queries = split_heads(self.query(x), self.heads)
        keys = repeat_kv_heads(split_heads(self.key(x), self.key_value_heads), self.heads)
        values = repeat_kv_heads(split_heads(self.value(x), self.key_value_heads), self.heads)
        return self.output(join_heads(causal_attention(queries, keys, values)))
