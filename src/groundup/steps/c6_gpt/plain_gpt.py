"""The GPT in its simplest form: the preset `plain` of `groundup.steps.c6_gpt.gpt`, built from its sizes.

    x = token embedding + position embedding
    x ← block(x)            for every block
    logits = output(norm(x))

Any part of this model can be replaced. The other presets train faster and can be opened by other tools.
"""

from __future__ import annotations

from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.plain_block import FeedForward, PlainBlock

__all__ = ["FeedForward", "PlainBlock", "PlainGPT"]


class PlainGPT(GPT):
    """A GPT that takes token numbers and returns the logits of the next token at each position.

    Parameters
    ----------
    vocabulary, context : int
        V, the number of different tokens, and the largest number of tokens that the model can see at once.
    width, blocks, heads : int
        C channels of the stream, the number of blocks, and H heads in each block.
    dropout : float
        The dropout probability of the feed-forwards.

    Examples
    --------
    >>> import torch
    >>> PlainGPT(vocabulary=5, context=8, width=16, blocks=2, heads=2)(torch.tensor([[0, 3, 1]])).shape
    torch.Size([1, 3, 5])
    """

    def __init__(
        self, vocabulary: int, context: int, width: int, blocks: int, heads: int, dropout: float | int = 0.2
    ) -> None:
        super().__init__(
            GPTSettings(
                vocabulary=vocabulary,
                context=context,
                layers=blocks,
                heads=heads,
                width=width,
                preset="plain",
                dropout=float(dropout),
            )
        )

    @classmethod
    def from_settings(cls, settings: GPTSettings) -> PlainGPT:
        """Build the model from settings."""
        s = settings
        return cls(s.vocabulary, s.context, s.width, s.layers, s.heads, s.dropout)
