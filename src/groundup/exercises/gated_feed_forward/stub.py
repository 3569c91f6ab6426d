import torch
from torch import nn


class GatedFeedForward(nn.Module):
    """Three linear maps without bias: the gate decides how much of the expansion passes.

    Parameters
    ----------
    model_dim : int, the width C of the vectors
    hidden_dim : int, the hidden width f

    Examples
    --------
    >>> GatedFeedForward(4, 6)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, model_dim, hidden_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """Return contract(SiLU(gate(x)) * expand(x)).

        Parameters
        ----------
        x : tensor of shape (B, T, C), the vectors of the tokens

        Returns
        -------
        tensor of shape (B, T, C)
        """
        raise NotImplementedError
