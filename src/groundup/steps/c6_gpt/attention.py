r"""Attention: each token's new vector is a weighted average of the values of this token and all tokens before it.

.. math:: \mathrm{attention}(Q, K, V) = \mathrm{softmax}\left(\frac{QK^\top}{\sqrt d} + M\right) V

Queries Q, keys K and values V are linear maps of the tokens' vectors; d is their width. The dot product of a query and
a key measures how well they match. It is a sum of d products: if the numbers in both are independent, with mean 0 and
variance 1, its standard deviation is √d. Dividing by √d makes the standard deviation 1 for any width; otherwise the
softmax would put nearly all weight on one key when d is large. The mask M is −∞ where the key comes after the query,
and 0 elsewhere (Vaswani et al., "Attention is all you need", 2017, equation 1).

With H heads, H attentions run in parallel. Each head has its own linear maps, which read the whole vector of a token
and produce a part of the output channels (section 3.2.2). In grouped-query attention, several query heads share one
head of keys and values (Ainslie et al., "GQA", 2023).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c4_training.linear import Linear

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "tiled_attention": "tests/steps/c7_beyond/test_tiled_attention.py::test_the_kernel_of_the_jobs_computes_the_same",
}


def causal_mask(query_time: int, key_time: int, device: torch.device | None = None) -> Bool[Tensor, "query key"]:
    """Return True where a query may use a key: the key is not after the query.

    The queries belong to the *last* ``query_time`` of the ``key_time`` positions. With 3 tokens in a cache and two new
    queries, the first query may use keys 0 to 3, and the second may use all five keys.

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
    """Return the weight of each key's value for each query: rows sum to 1, and keys after the query get 0."""
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    allowed = causal_mask(queries.shape[-2], keys.shape[-2], queries.device)
    return scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)


def causal_attention(
    queries: Float[Tensor, "*batch query channel"],
    keys: Float[Tensor, "*batch key channel"],
    values: Float[Tensor, "*batch key value_channel"],
) -> Float[Tensor, "*batch query value_channel"]:
    """Return each query's weighted average of the values up to its position, computed directly from the formula."""
    return attention_weights(queries, keys) @ values


def fused_attention(
    queries: Float[Tensor, "batch head query channel"],
    keys: Float[Tensor, "batch head key channel"],
    values: Float[Tensor, "batch head key channel"],
    allowed: Bool[Tensor, "batch query key"] | None = None,
) -> Float[Tensor, "batch head query channel"]:
    """Return the same as `causal_attention`, computed by PyTorch's fused kernel, which never stores all weights.

    A mask ``allowed`` stands in the place of the causal one.
    """
    if allowed is not None:
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=allowed[:, None])
    query_time, key_time = queries.shape[-2], keys.shape[-2]
    if query_time == key_time:
        return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    # is_causal=True assumes that the queries belong to the first keys, but here they belong to the last.
    mask = None if query_time == 1 else causal_mask(query_time, key_time, queries.device)
    return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)


class SingleHeadAttention(nn.Module):
    """One causal head: linear maps to queries, keys and values, then `causal_attention`.

    Parameters
    ----------
    width : int
        C, the channels of the tokens' vectors.
    head_width : int
        d, the channels of the queries, keys and values.
    """

    def __init__(self, width: int, head_width: int) -> None:
        super().__init__()
        self.query = Linear(width, head_width, bias=False)
        self.key = Linear(width, head_width, bias=False)
        self.value = Linear(width, head_width, bias=False)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time head_channel"]:
        """Return each token's new vector."""
        return causal_attention(self.query(x), self.key(x), self.value(x))


def split_heads(x: Float[Tensor, "batch time channel"], heads: int) -> Float[Tensor, "batch head time head_channel"]:
    """Split the channels into heads; head i gets the i-th slice."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x: Float[Tensor, "batch head time head_channel"]) -> Float[Tensor, "batch time channel"]:
    """Concatenate the channels of all heads; the inverse of `split_heads`."""
    return x.transpose(1, 2).flatten(-2)


def repeat_kv_heads(
    x: Float[Tensor, "batch key_value_head time channel"], heads: int
) -> Float[Tensor, "batch head time channel"]:
    """Repeat every head of keys or values for ``heads / key_value_heads`` query heads that follow each other."""
    groups = heads // x.shape[1]
    return x if groups == 1 else x.repeat_interleave(groups, dim=1)


class MultiHeadAttention(nn.Module):
    """Several causal heads in parallel, then one linear map of their concatenated outputs.

    Parameters
    ----------
    width : int
        C, the channels of the tokens' vectors, in and out.
    heads : int
        H, the number of query heads.
    key_value_heads : int, optional
        The number of heads of keys and values, a divisor of ``heads``: ``heads`` by default, fewer for grouped-query
        attention.
    head_width : int, optional
        d, the channels of a head, ``width / heads`` by default.
    bias : bool
        Whether the four linear maps have a bias.
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
        self.query = Linear(width, heads * head_width, bias=bias)
        self.key = Linear(width, self.key_value_heads * head_width, bias=bias)
        self.value = Linear(width, self.key_value_heads * head_width, bias=bias)
        self.output = Linear(heads * head_width, width, bias=bias)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time output_channel"]:
        """Return each token's new vector."""
        queries = split_heads(self.query(x), self.heads)
        keys = repeat_kv_heads(split_heads(self.key(x), self.key_value_heads), self.heads)
        values = repeat_kv_heads(split_heads(self.value(x), self.key_value_heads), self.heads)
        return self.output(join_heads(causal_attention(queries, keys, values)))
