import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    """Several causal heads side by side, and a linear map behind them.

    Parameters
    ----------
    embedding_dim : int, the width C of the vectors
    attention_dim : int, the width H * d of all heads together
    num_heads : int, the number H of heads

    Examples
    --------
    >>> MultiHeadedSelfAttention(4, 6, 2)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 6])
    """

    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        """Let every token attend to itself and those before it.

        Parameters
        ----------
        embedded : tensor of shape (B, T, C), the vectors of the tokens

        Returns
        -------
        tensor of shape (B, T, H * d), their new vectors
        """
        raise NotImplementedError
