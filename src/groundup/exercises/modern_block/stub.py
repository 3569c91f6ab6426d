import torch
from torch import nn


class ModernBlock(nn.Module):
    """Attention with rotary positions and a feed-forward with a gate, each with an RMS norm before it.

    Parameters
    ----------
    model_dim : int, the width C of the vectors
    num_heads : int, the number H of heads
    hidden_dim : int, the hidden width f of the feed-forward

    Examples
    --------
    >>> ModernBlock(4, 2, 8)(torch.ones(1, 3, 4), torch.ones(3, 2), torch.zeros(3, 2)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, model_dim, num_heads, hidden_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded, cosines, sines):
        """Add to every token's vector what attention and feed-forward return.

        Parameters
        ----------
        embedded : tensor of shape (B, T, C), the vectors of the tokens
        cosines : tensor of shape (T, d), of the angles at each position
        sines : tensor of shape (T, d), of the same angles

        Returns
        -------
        tensor of shape (B, T, C)
        """
        raise NotImplementedError
