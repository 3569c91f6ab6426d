"""A GPT in its plainest form: every part of it is one that a reader has already met.

    x = token embedding + position embedding
    x ← x + attention(norm(x))            in every block
    x ← x + feed_forward(norm(x))
    logits = output(norm(x))

Layer normalisation before what reads, a feed-forward four times wider with ReLU, dropout at its end (Vaswani et al.,
"Attention is all you need", 2017, drop the attention's result and the embeddings as well), in the pre-norm form of
Radford et al., "Language models are unsupervised multitask learners" (2019). `groundup.steps.c6_gpt.gpt` has the
architectures that train faster and open in other tools; here any part can be taken out and another put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

from groundup.base.errors import UserError
from groundup.steps.c5_words.sampling import Recompute, choose_token, generate_tokens
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt_settings import GPTSettings


class FeedForward(nn.Module):
    """Each token by itself: four times wider, ReLU, back, dropout.

    Parameters
    ----------
    width : int
        Channels in and out.
    dropout : float
        The share of the output dropped in training.
    """

    def __init__(self, width: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 4 * width)
        self.relu = nn.ReLU()
        self.contract = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return what is added to the stream."""
        return self.drop(self.contract(self.relu(self.expand(x))))


class PlainBlock(nn.Module):
    """Attention, then feed-forward, each normalised before and added after.

    Parameters
    ----------
    width, heads : int
        Channels of the stream, and heads of attention.
    dropout : float
        Of the feed-forward.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.first_norm = nn.LayerNorm(width)
        self.attention = MultiHeadAttention(width, heads)
        self.second_norm = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, dropout)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the stream with what this block adds."""
        x = x + self.attention(self.first_norm(x))
        return x + self.feed_forward(self.second_norm(x))


class PlainGPT(nn.Module):
    """Token numbers in, logits of each place's next token out.

    Parameters
    ----------
    vocabulary, context : int
        How many different tokens, and how many it sees at once.
    width, blocks, heads : int
        Channels of the stream, blocks, and heads in each.
    dropout : float
        Of the feed-forwards.

    Attributes
    ----------
    settings : GPTSettings
        The same sizes under the names that all models here share.
    sampler : callable or None
        ``sampler(logits, temperature, top_k)`` → token, in place of `groundup.steps.c5_words.sampling.choose_token`. It
        draws from PyTorch's own generator.

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
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.position_embedding = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(PlainBlock(width, heads, dropout) for _ in range(blocks))
        self.final_norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary)
        self.sampler: Callable[..., int] | None = None

    @classmethod
    def from_settings(cls, settings: GPTSettings) -> PlainGPT:
        """Build it from the names that all models here share."""
        s = settings
        return cls(s.vocabulary, s.context, s.width, s.layers, s.heads, s.dropout)

    def forward(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Return the logits.

        Raises
        ------
        UserError
            More tokens than the context has places.
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
        """Yield ``tokens`` tokens that go on from a prompt; see `groundup.steps.c6_gpt.gpt.GPT.generate`."""
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
            # Whoever wrote the sampler was promised a k that the vocabulary can give.
            return int(self.sampler(logits.cpu(), temperature, top_k and min(top_k, len(logits))))

    def count_weights(self) -> int:
        """Return how many numbers the model learns."""
        return sum(parameter.numel() for parameter in self.parameters())
