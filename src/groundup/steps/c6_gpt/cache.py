"""The key-value cache: the keys and values of earlier tokens are stored instead of computed again.

In a causal model, later tokens do not change the keys and values of a token. A model that generates one token at a time
without a cache computes all keys and values again for every token; with a cache it computes only those of the new
token. The memory is allocated once, for all positions of the context (Pope et al., "Efficiently scaling transformer
inference", 2022, section 2).
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
        The numbers of layers, sequences (B), key-value heads, positions, and channels per head (d).
    dtype, device : optional
        The dtype and device of the stored tensors: those of the model's activations.

    Attributes
    ----------
    length : int
        The number of tokens seen. The model increases it once all layers have stored the new tokens.
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
        """The largest number of tokens that fit."""
        return self.keys.shape[3]

    def store(
        self,
        layer: int,
        keys: Float[Tensor, "batch head time channel"],
        values: Float[Tensor, "batch head time channel"],
    ) -> tuple[Float[Tensor, "batch head seen channel"], Float[Tensor, "batch head seen channel"]]:
        """Append one layer's new keys and values to its old ones; return all of them, old and new.

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
