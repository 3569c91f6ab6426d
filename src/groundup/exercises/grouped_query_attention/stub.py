import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    """Attention in which several query heads share the keys and values of one head.

    Parameters
    ----------
    model_dim : int, the width C of the vectors
    num_heads : int, the number H of query heads
    num_kv_heads : int, the number G of key-value heads

    Examples
    --------
    >>> GroupedQueryAttention(8, 4, 2)(torch.ones(1, 3, 8)).shape
    torch.Size([1, 3, 8])
    """

    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """Let every token attend to itself and those before it.

        Parameters
        ----------
        x : tensor of shape (B, T, C), the vectors of the tokens

        Returns
        -------
        tensor of shape (B, T, C), their new vectors
        """
        raise NotImplementedError
