"""The block in its simplest form, built from parts that the course has already explained.

    x ← x + attention(norm(x))
    x ← x + feed_forward(norm(x))

Layer normalization comes before attention and before the feed-forward (pre-norm), as in Radford et al., "Language
models are unsupervised multitask learners" (2019). The feed-forward is four times as wide as the stream, with ReLU, and
ends with dropout; Vaswani et al., "Attention is all you need" (2017), also apply dropout to the output of the attention
and to the embeddings. `groundup.steps.c6_gpt.transformer` has the blocks of GPT-2 and Qwen3.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.normalisation import LayerNorm


class FeedForward(nn.Module):
    """A network applied to each token alone: a linear layer four times as wide, ReLU, a linear layer back, dropout.

    Parameters
    ----------
    width : int
        C, the channels in and out.
    dropout : float
        The probability that an output channel is dropped in training.
    """

    def __init__(self, width: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.expand = Linear(width, 4 * width)
        self.relu = nn.ReLU()
        self.contract = Linear(4 * width, width)
        self.drop = Dropout(dropout)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the output, to be added to the stream."""
        return self.drop(self.contract(self.relu(self.expand(x))))


class PlainBlock(nn.Module):
    """Attention, then feed-forward; each one gets the normalized stream and its output is added to the stream.

    Parameters
    ----------
    width, heads : int
        C channels of the stream, and H heads of the attention.
    dropout : float
        The dropout probability of the feed-forward.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.first_norm = LayerNorm(width)
        self.attention = MultiHeadAttention(width, heads)
        self.second_norm = LayerNorm(width)
        self.feed_forward = FeedForward(width, dropout)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the stream after this block."""
        x = x + self.attention(self.first_norm(x))
        return x + self.feed_forward(self.second_norm(x))
