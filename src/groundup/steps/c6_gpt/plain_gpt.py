"""A GPT in its simplest form, built from parts that the course has already explained.

    x = token embedding + position embedding
    x ← x + attention(norm(x))            in every block
    x ← x + feed_forward(norm(x))
    logits = output(norm(x))

Layer normalization comes before attention and before the feed-forward (pre-norm), as in Radford et al., "Language
models are unsupervised multitask learners" (2019). The feed-forward is four times as wide as the stream, with ReLU, and
ends with dropout; Vaswani et al., "Attention is all you need" (2017), also apply dropout to the output of the attention
and to the embeddings. Any part of this model can be replaced. `groundup.steps.c6_gpt.gpt` has architectures that train
faster and can be opened by other tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

from groundup.base.errors import UserError
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c5_words.embedding import Embedding
from groundup.steps.c5_words.sampling import Recompute, choose_token, generate_tokens
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.normalisation import LayerNorm


class FeedForward(nn.Module):
    """A network applied to each token alone: a linear layer four times as wide, ReLU, a linear layer back, dropout.

    Parameters
    ----------
    width : int
        d, the channels in and out.
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
        d channels of the stream, and H heads of the attention.
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


class PlainGPT(nn.Module):
    """A GPT that takes token numbers and returns the logits of the next token at each position.

    Parameters
    ----------
    vocabulary, context : int
        V, the number of different tokens, and the largest number of tokens that the model can see at once.
    width, blocks, heads : int
        d channels of the stream, the number of blocks, and H heads in each block.
    dropout : float
        The dropout probability of the feed-forwards.

    Attributes
    ----------
    settings : GPTSettings
        The same sizes under the names that all GPTs of this package share.
    sampler : callable or None
        ``sampler(logits, temperature, top_k)`` → token, used instead of
        `groundup.steps.c5_words.sampling.choose_token`. It draws from torch's global generator.

    Examples
    --------
    >>> PlainGPT(vocabulary=5, context=8, width=16, blocks=2, heads=2)(torch.tensor([[0, 3, 1]])).shape
    torch.Size([1, 3, 5])
    """

    def __init__(
        self, vocabulary: int, context: int, width: int, blocks: int, heads: int, dropout: float | int = 0.2
    ) -> None:
        super().__init__()
        self.settings = GPTSettings(
            vocabulary=vocabulary,
            context=context,
            layers=blocks,
            heads=heads,
            width=width,
            preset="plain",
            dropout=float(dropout),
        )
        self.token_embedding = Embedding(vocabulary, width)
        self.position_embedding = Embedding(context, width)
        self.blocks = nn.ModuleList(PlainBlock(width, heads, dropout) for _ in range(blocks))
        self.final_norm = LayerNorm(width)
        self.output = Linear(width, vocabulary)
        self.sampler: Callable[..., int] | None = None

    @classmethod
    def from_settings(cls, settings: GPTSettings) -> PlainGPT:
        """Build the model from settings."""
        s = settings
        return cls(s.vocabulary, s.context, s.width, s.layers, s.heads, s.dropout)

    def forward(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Return the logits, B×T×V, for token numbers, B×T.

        Raises
        ------
        UserError
            There are more tokens than the context allows.
        """
        time = tokens.shape[1]
        if time > self.settings.context:
            raise UserError(
                f"{time} tokens are more than the {self.settings.context} this model was trained to see at once. "
                "Give it the last ones only, or train with a longer context."
            )
        places = torch.arange(time, device=tokens.device)
        x = self.token_embedding(tokens) + self.position_embedding(places)
        for block in self.blocks:
            x = block(x)
        return self.output(self.final_norm(x))

    def generate(
        self,
        prompt: Sequence[int],
        tokens: int,
        temperature: float | int = 1.0,
        top_k: int | None = None,
        top_p: float | int | None = None,
        generator: Generator | None = None,
    ) -> Iterator[int]:
        """Yield ``tokens`` tokens that continue a prompt; see `groundup.steps.c6_gpt.gpt.GPT.generate`."""
        choose: Callable[..., int] = partial(
            choose_token, generator=generator, temperature=temperature, top_k=top_k, top_p=top_p
        )
        if self.sampler is not None:
            choose = partial(self._draw, generator, temperature, top_k)
        asked = Recompute(self, next(self.parameters()).device)
        yield from islice(generate_tokens(asked, prompt, self.settings.context, choose), tokens)

    def _draw(self, generator: Generator | None, temperature: float, top_k: int | None, logits: Tensor) -> int:
        assert self.sampler is not None
        seed = int(torch.randint(2**31, (), generator=generator))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # A sampler may rely on top_k being no larger than the vocabulary.
            return int(self.sampler(logits.cpu(), temperature, top_k and min(top_k, len(logits))))

    def count_weights(self) -> int:
        """Return the number of trainable weights."""
        return sum(parameter.numel() for parameter in self.parameters())
