import torch
from torch import nn


class KVCache:
    """The keys and values of all tokens so far.

    Examples
    --------
    >>> cache, new = KVCache(), torch.ones(1, 2, 4)
    >>> keys, values = cache.update(new, new)
    >>> keys, values = cache.update(new, new)
    >>> keys.shape
    torch.Size([1, 4, 4])
    """

    def __init__(self):
        raise NotImplementedError

    def update(self, keys, values):
        """Append new keys and values, and return all of them.

        Parameters
        ----------
        keys : tensor of shape (B, T_new, d)
        values : tensor of shape (B, T_new, d)

        Returns
        -------
        tuple of two tensors of shape (B, T, d): all keys and all values, the oldest first
        """
        raise NotImplementedError

    def clear(self):
        """Forget all keys and values.

        Returns
        -------
        nothing
        """
        raise NotImplementedError


class CachedAttention(nn.Module):
    """One causal head that can read a text in pieces.

    Parameters
    ----------
    model_dim : int, the width d of the vectors

    Examples
    --------
    >>> CachedAttention(4)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, model_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, x, cache=None):
        """Let every new token attend to itself and those before it, in the cache and in x.

        Parameters
        ----------
        x : tensor of shape (B, T_new, d), the vectors of the new tokens
        cache : KVCache or None, to which their keys and values are appended

        Returns
        -------
        tensor of shape (B, T_new, d), their new vectors
        """
        raise NotImplementedError
