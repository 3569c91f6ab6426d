"""The key-value cache: what attention needs of the past, kept instead of computed again.

In a causal model nothing after a token changes its keys and values. Generating one token at a time, a model
without a cache computes them all anew for every token; with it, only the new token's. The memory is laid out once,
for as many places as the context has (Pope et al., "Efficiently scaling transformer inference", 2022, section 2).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


class KeyValueCache:
    """Keys and values of every layer, for the tokens seen so far.

    Parameters
    ----------
    layers, batch, heads, capacity, channel : int
        How many layers, sequences, key-value heads, places, and channels in a head.
    dtype, device : optional
        Of the kept tensors; those of the model's activations.

    Attributes
    ----------
    length : int
        How many tokens were seen; moved on by the model once all its layers have stored the new ones.
    """

    def __init__(
        self,
        layers: int,
        batch: int,
        heads: int,
        capacity: int,
        channel: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.keys = torch.zeros(layers, batch, heads, capacity, channel, dtype=dtype, device=device)
        self.values = torch.zeros_like(self.keys)
        self.length = 0

    @property
    def capacity(self) -> int:
        """How many tokens fit."""
        return self.keys.shape[3]

    def store(
        self,
        layer: int,
        keys: Float[Tensor, "batch head time channel"],
        values: Float[Tensor, "batch head time channel"],
    ) -> tuple[Float[Tensor, "batch head seen channel"], Float[Tensor, "batch head seen channel"]]:
        """Put one layer's new keys and values behind the old ones; return all of them, old and new.

        Raises
        ------
        ValueError
            There is no room for that many tokens.
        """
        end = self.length + keys.shape[2]
        if end > self.capacity:
            raise ValueError(f"the cache holds {self.capacity} tokens; {self.length} are in it, {keys.shape[2]} came")
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def advance(self, time: int) -> None:
        """Count ``time`` more tokens as seen."""
        self.length += time

    def clear(self) -> None:
        """Forget every token."""
        self.length = 0
