import torch
from torch import nn


class GPT(nn.Module):
    """A GPT: token and position embeddings, transformer blocks, a norm, and a map to logits.

    Parameters
    ----------
    vocab_size : int, the number V of tokens
    context_length : int, the largest number of positions
    model_dim : int, the width C of the vectors
    num_blocks : int
    num_heads : int, the number of heads of every block

    Examples
    --------
    >>> GPT(5, 8, 4, 1, 2)(torch.tensor([[0, 1, 2]])).shape
    torch.Size([1, 3, 5])
    """

    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, context):
        """Return the logits of the next token at every position.

        Parameters
        ----------
        context : integer tensor of shape (B, T), the numbers of the tokens

        Returns
        -------
        tensor of shape (B, T, V), the logits
        """
        raise NotImplementedError
