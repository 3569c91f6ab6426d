r"""Attention over a cache that grows: the keys and values of earlier tokens are kept, only new ones are computed.

.. math:: \mathrm{new} = \mathrm{softmax}\left(\frac{Q_{new} [K_{old}; K_{new}]^\top}{\sqrt d} + M\right)
          [V_{old}; V_{new}]

In a causal model nothing that comes later changes a token's key and value (Pope et al., "Efficiently scaling
transformer inference", 2022, section 2). The mask M counts the cache in: the i-th new token sees all old ones and the
new ones up to itself. For one new token there is nothing to mask; for a prompt of several there is, and leaving it out
lets each of them see the ones after it.

The cache here grows by copying, which is plain; `groundup.steps.c6_gpt.cache.KeyValueCache` is laid out once, for all
layers.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c6_gpt.attention import causal_attention


class GrowingCache:
    """The keys and values of one head, for the tokens seen so far.

    Attributes
    ----------
    keys, values : Tensor or None
        B×T×C each, T the tokens seen so far; None before the first.

    Examples
    --------
    >>> cache = GrowingCache()
    >>> _ = cache.update(torch.zeros(1, 3, 2), torch.zeros(1, 3, 2))
    >>> keys, values = cache.update(torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    >>> keys[0, :, 0]
    tensor([0., 0., 0., 1.])
    >>> len(cache)
    4
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget every token."""
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def __len__(self) -> int:
        """Count the tokens seen so far."""
        return 0 if self.keys is None else self.keys.shape[1]

    def update(
        self, keys: Float[Tensor, "batch new_time channel"], values: Float[Tensor, "batch new_time value_channel"]
    ) -> tuple[Float[Tensor, "batch time channel"], Float[Tensor, "batch time value_channel"]]:
        """Put new tokens behind the old ones.

        Parameters
        ----------
        keys, values : Tensor
            Of the new tokens, one or several, B×T'×C each.

        Returns
        -------
        keys, values : Tensor
            Of all tokens so far, B×T×C each, the oldest first.
        """
        if self.keys is not None and self.values is not None:
            keys = torch.cat([self.keys, keys], dim=1)
            values = torch.cat([self.values, values], dim=1)
        self.keys, self.values = keys, values
        return keys, values


class CachedAttention(nn.Module):
    """One causal head as wide as the tokens' vectors, which may go on from a cache.

    Parameters
    ----------
    width : int
        Channels of the tokens' vectors, queries, keys and values.

    Examples
    --------
    Token by token with a cache is the same as all at once without one:

    >>> _ = torch.manual_seed(0)
    >>> head, x, cache = CachedAttention(4), torch.randn(1, 3, 4), GrowingCache()
    >>> one_by_one = torch.cat([head(x[:, [t]], cache) for t in range(3)], dim=1)
    >>> torch.allclose(one_by_one, head(x), atol=1e-6)
    True
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)

    def forward(
        self, x: Float[Tensor, "batch new_time channel"], cache: GrowingCache | None = None
    ) -> Float[Tensor, "batch new_time channel"]:
        """Return the new tokens' new vectors.

        Parameters
        ----------
        x : Tensor
            The new tokens' vectors, B×T'×C; without a cache, all of them.
        cache : GrowingCache, optional
            The tokens before; it takes in the new ones.

        Returns
        -------
        Tensor
            B×T'×C.
        """
        queries, keys, values = self.query(x), self.key(x), self.value(x)
        if cache is not None:
            keys, values = cache.update(keys, values)
        return self.attend(queries, keys, values)

    def attend(
        self,
        queries: Float[Tensor, "batch new_time channel"],
        keys: Float[Tensor, "batch time channel"],
        values: Float[Tensor, "batch time channel"],
    ) -> Float[Tensor, "batch new_time channel"]:
        """Return each new token's average of the values no later than itself."""
        # causal_attention takes the queries for the last of the keys, so it masks rightly behind a cache too.
        return causal_attention(queries, keys, values)
