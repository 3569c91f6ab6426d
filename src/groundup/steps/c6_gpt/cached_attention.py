r"""Attention with a growing cache: keys and values of earlier tokens are stored, and only those of new tokens computed.

.. math:: \mathrm{new} = \mathrm{softmax}\left(\frac{Q_{new} [K_{old}; K_{new}]^\top}{\sqrt d} + M\right)
          [V_{old}; V_{new}]

In a causal model, later tokens do not change the key and value of a token (Pope et al., "Efficiently scaling
transformer inference", 2022, section 2). The mask M also covers the cache: the i-th new token sees all old tokens and
the new tokens up to itself. A single new token needs no mask. Several new tokens at once need it, because without the
mask each of them would see the tokens after it.

This cache grows by copying, which is simple but slow; `groundup.steps.c6_gpt.cache.KeyValueCache` is allocated once,
for all layers.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.attention import causal_attention


class GrowingCache:
    """The keys and values of one head, for the tokens seen so far.

    Attributes
    ----------
    keys, values : Tensor or None
        B×T×d each, for the T tokens seen so far; None before the first token.

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
        """Append the keys and values of new tokens.

        Parameters
        ----------
        keys, values : Tensor
            Those of the T' new tokens, B×T'×d each.

        Returns
        -------
        keys, values : Tensor
            Those of all tokens so far, B×T×d each, the oldest first.
        """
        if self.keys is not None and self.values is not None:
            keys = torch.cat([self.keys, keys], dim=1)
            values = torch.cat([self.values, values], dim=1)
        self.keys, self.values = keys, values
        return keys, values


class CachedAttention(nn.Module):
    """One causal head, as wide as the tokens' vectors, that can use a cache.

    Parameters
    ----------
    width : int
        C, the channels of the tokens' vectors; the queries, keys and values have the same width, so d = C.

    Examples
    --------
    One token at a time with a cache gives the same result as all tokens at once without a cache:

    >>> _ = torch.manual_seed(0)
    >>> head, x, cache = CachedAttention(4), torch.randn(1, 3, 4), GrowingCache()
    >>> one_by_one = torch.cat([head(x[:, [t]], cache) for t in range(3)], dim=1)
    >>> torch.allclose(one_by_one, head(x), atol=1e-6)
    True
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = Linear(width, width, bias=False)
        self.query = Linear(width, width, bias=False)
        self.value = Linear(width, width, bias=False)

    def forward(
        self, x: Float[Tensor, "batch new_time channel"], cache: GrowingCache | None = None
    ) -> Float[Tensor, "batch new_time channel"]:
        """Return the new vectors of the new tokens.

        Parameters
        ----------
        x : Tensor
            The vectors of the new tokens, B×T'×C; without a cache, of all tokens.
        cache : GrowingCache, optional
            The keys and values of earlier tokens; those of the new tokens are appended.

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
        """Return each new token's weighted average of the values up to its position."""
        # causal_attention assumes that the queries belong to the last keys, so its mask is right with a cache, too.
        return causal_attention(queries, keys, values)
