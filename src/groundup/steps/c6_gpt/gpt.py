"""GPT: takes token numbers, and returns a score for every possible next token at every position.

    embed the tokens → blocks, one after the other → norm → one score (logit) per token of the vocabulary

The model is trained to give the true next token a high score, at all positions at once. The causal mask hides the
later tokens from each position, so that it cannot see the token that it must predict. The presets are choices of
parts: `plain` is the simplest, `classic` is GPT-2 and `modern` is Qwen3. A table in
`groundup.steps.c6_gpt.transformer` shows the differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor, nn

from groundup.base.errors import UserError
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c5_words.embedding import Embedding
from groundup.steps.c5_words.sampling import Cached, NextTokenModel, Recompute, choose_token, generate_tokens
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.normalisation import LayerNorm, RMSNorm
from groundup.steps.c6_gpt.positions import rotary_table
from groundup.steps.c6_gpt.transformer import Block, make_block

Packed = tuple[Bool[Tensor, "batch time time"], Int[Tensor, "batch time"]]

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "plain_gpt": "tests/steps/c6_gpt/test_plain_gpt.py::test_it_is_the_plain_preset",
}


class GPT(nn.Module):
    """A causal language model.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.

    Examples
    --------
    >>> model = GPT(GPTSettings(vocabulary=65, context=16, layers=1, heads=2, width=64))
    >>> model(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 65])
    """

    rotary_cosines: Tensor
    rotary_sines: Tensor

    def __init__(self, settings: GPTSettings) -> None:
        super().__init__()
        self.settings = settings
        plain, modern = settings.preset == "plain", settings.preset == "modern"
        self.token_embedding = Embedding(settings.vocabulary, settings.width)
        if modern:
            cosines, sines = rotary_table(
                settings.context, settings.head_width, settings.rotary_base, settings.rotary_scaling
            )
            self.register_buffer("rotary_cosines", cosines, persistent=False)
            self.register_buffer("rotary_sines", sines, persistent=False)
        else:
            self.position_embedding = Embedding(settings.context, settings.width)
        # In the plain preset the embeddings are not dropped, and its blocks have a dropout of their own.
        self.drop = nn.Identity() if plain else Dropout(settings.dropout)
        self.blocks = nn.ModuleList(make_block(settings, layer) for layer in range(settings.layers))
        self.final_norm = (RMSNorm if modern else LayerNorm)(settings.width, settings.norm_epsilon)
        self.output = Linear(settings.width, settings.vocabulary, bias=plain)
        if settings.tied:
            self.output.weight = self.token_embedding.weight
        if not plain:
            self.initialise()

    def initialise(self) -> None:
        """Draw the weights from a normal distribution, as in GPT-2.

        The standard deviation is 0.02, divided by √(2 · layers) for the maps whose output is added to the stream.
        Biases are 0, and the weights of norms are 1.
        """
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "norm" in name:
                nn.init.ones_(parameter)
            elif name.endswith(("attention.output.weight", "contract.weight")):
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * self.settings.layers))
            else:
                nn.init.normal_(parameter, std=0.02)

    def forward(
        self,
        tokens: Int[Tensor, "batch time"],
        cache: KeyValueCache | None = None,
        packed: Packed | None = None,
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Return the logits of the next token at each position, B×T×V.

        Parameters
        ----------
        tokens : Tensor
            Token numbers, B×T; with a cache, only the tokens after those already in the cache.
        cache : KeyValueCache, optional
            From `make_cache`; the new tokens are appended to it.
        packed : pair of Tensor, optional
            Where a row holds several examples: which keys a query may use, and each token's position. Not for the plain
            preset, whose attention knows only the causal mask.

        Raises
        ------
        UserError
            There are more tokens than the context allows.
        """
        start = cache.length if cache is not None else 0
        end = start + tokens.shape[1]
        if end > self.settings.context:
            raise UserError(
                f"{end} tokens are more than the {self.settings.context} this model was trained to see at once. "
                "Give it the last ones only, or train with a longer context."
            )
        x = self.token_embedding(tokens)
        rotary = None
        if self.settings.preset == "modern":
            rotary = self.rotary_cosines[start:end], self.rotary_sines[start:end]
        elif packed is None:
            x = x + self.position_embedding(torch.arange(start, end, device=tokens.device))
        else:
            x = x + self.position_embedding(packed[1])
        x = self.drop(x)
        for block in self.blocks:
            if packed is not None:
                x = block(x, rotary, cache, packed[0])
            else:
                x = block(x) if self.settings.preset == "plain" else block(x, rotary, cache)
        if cache is not None:
            cache.advance(tokens.shape[1])
        return self.output(self.final_norm(x))

    def generate(
        self,
        prompt: Sequence[int],
        tokens: int,
        temperature: float | int = 1.0,
        top_k: int | None = None,
        top_p: float | int | None = None,
        generator: Generator | None = None,
        engine: Callable[[GPT], NextTokenModel] | None = None,
        choose: Callable[..., int] = choose_token,
    ) -> Iterator[int]:
        """Yield ``tokens`` tokens that continue a prompt, each as soon as it is drawn.

        Parameters
        ----------
        prompt : sequence of int
            At least one token; if it is longer than the context, the model sees only its last tokens.
        tokens : int
            The number of tokens to draw.
        temperature, top_k, top_p, generator
            See `groundup.steps.c5_words.sampling.choose_token`.
        engine : callable
            Takes the model, returns an object that computes the logits of the next token: with a cache by default,
            where the model has one. `groundup.models.decoding.Decoder` computes the same logits faster.
        choose : callable
            Takes logits and the options above, returns the next token.

        Examples
        --------
        >>> model = GPT(GPTSettings(vocabulary=65, context=16, layers=1, heads=2, width=64)).eval()
        >>> len(list(model.generate([1, 2, 3], tokens=20, temperature=0)))
        20
        """
        if engine is None:
            without_cache = partial(Recompute, device=self.final_norm.weight.device)
            engine = Cached if self.has_cache else without_cache
        draw = partial(choose, generator=generator, temperature=temperature, top_k=top_k, top_p=top_p)
        yield from islice(generate_tokens(engine(self), prompt, self.settings.context, draw), tokens)

    @property
    def has_cache(self) -> bool:
        """Whether its blocks can use a cache: those of the plain preset cannot."""
        return all(isinstance(block, Block) for block in self.blocks)

    def make_cache(self, batch: int = 1, capacity: int | None = None) -> KeyValueCache:
        """Return an empty cache for this model, by default with room for the whole context.

        Raises
        ------
        ValueError
            The model has no cache.
        """
        if not self.has_cache:
            raise ValueError("this model has no cache: its attention reads all tokens at once")
        s = self.settings
        weight = self.final_norm.weight
        return KeyValueCache(
            s.layers, batch, s.key_value_heads, capacity or s.context, s.head_width, weight.dtype, weight.device
        )

    def count_weights(self) -> int:
        """Return the number of trainable weights; tied weights count once."""
        return sum(parameter.numel() for parameter in self.parameters())
