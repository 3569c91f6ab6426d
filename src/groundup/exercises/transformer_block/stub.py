import torch
from torch import nn


class TransformerBlock(nn.Module):
    """Attention and a feed-forward network, each with a norm before it and a residual connection.

    Parameters
    ----------
    model_dim : int, the width C of the vectors
    num_heads : int, the number H of heads

    Examples
    --------
    >>> TransformerBlock(4, 2)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, model_dim, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        """Add to every token's vector what attention and feed-forward return.

        Parameters
        ----------
        embedded : tensor of shape (B, T, C), the vectors of the tokens

        Returns
        -------
        tensor of shape (B, T, C)
        """
        raise NotImplementedError
