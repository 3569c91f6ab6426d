import torch
from torch import nn


class SingleHeadAttention(nn.Module):
    """One causal head of attention.

    Parameters
    ----------
    embedding_dim : int, the width C of the vectors
    attention_dim : int, the width d of the head

    Examples
    --------
    >>> SingleHeadAttention(4, 2)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 2])
    """

    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        """Let every token attend to itself and those before it.

        Parameters
        ----------
        embedded : tensor of shape (B, T, C), the vectors of the tokens

        Returns
        -------
        tensor of shape (B, T, d), their new vectors
        """
        raise NotImplementedError
