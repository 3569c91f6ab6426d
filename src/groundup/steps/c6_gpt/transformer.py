"""The transformer block: attention combines information from several tokens, a feed-forward processes each token alone.

    x ← x + attention(norm(x))
    x ← x + feed_forward(norm(x))

The vector x of a token is called the residual stream. Blocks only add to it, so gradients pass through any number of
blocks. The norm is applied to the input of each part, not to its output (pre-norm; Xiong et al., "On layer
normalization in the transformer architecture", 2020), so that deep models train without a warm-up.

The parts of the presets (`plain` is in `groundup.steps.c6_gpt.plain_block`; classic is GPT-2, Radford et al., 2019;
modern is Qwen3, Yang et al., 2025):

=============  ============================  ============================  =============================================
part           plain                         classic                       modern
=============  ============================  ============================  =============================================
norm           LayerNorm                     LayerNorm                     RMSNorm (Zhang and Sennrich, 2019)
positions      learned, added to embedding   learned, added to embedding   rotary, in every layer's queries and keys
queries, keys  as they are                   as they are                   RMSNorm in every head (Henry et al., 2020)
feed-forward   ReLU, four times wider        GELU (tanh), 4 times wider    SiLU gate × linear (Shazeer, 2020)
biases         feed-forward and output       everywhere but in the output  none
dropout        end of the feed-forward       both parts, and embeddings    both parts, and embeddings
attention      from the formula              fused kernel, cache           fused kernel, cache
=============  ============================  ============================  =============================================

Without the norm of queries and keys (``query_key_norm``), modern is Llama (Touvron et al., 2023).
"""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.attention import fused_attention, join_heads, repeat_kv_heads, split_heads
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.normalisation import LayerNorm, RMSNorm
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.positions import rotate

Rotary = tuple[Float[Tensor, "time head_channel"], Float[Tensor, "time head_channel"]]

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "cached_attention": "tests/steps/c6_gpt/test_cached_attention.py::test_the_cache_of_all_layers_remembers_the_same",
}


class Attention(nn.Module):
    """Multi-head attention as a GPT uses it: with rotary positions, a cache, and PyTorch's fused kernel.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.
    layer : int
        The index of this layer in the cache.
    """

    def __init__(self, settings: GPTSettings, layer: int) -> None:
        super().__init__()
        self.layer, self.heads, self.key_value_heads = layer, settings.heads, settings.key_value_heads
        width, bias = settings.width, settings.preset == "classic"
        self.query = Linear(width, settings.heads * settings.head_width, bias=bias)
        self.key = Linear(width, settings.key_value_heads * settings.head_width, bias=bias)
        self.value = Linear(width, settings.key_value_heads * settings.head_width, bias=bias)
        self.output = Linear(settings.heads * settings.head_width, width, bias=bias)
        if settings.preset == "modern":
            self.query_norm = RMSNorm(settings.head_width, settings.norm_epsilon)
            self.key_norm = RMSNorm(settings.head_width, settings.norm_epsilon)
            if not settings.query_key_norm:
                self.query_norm = self.key_norm = nn.Identity()  # type: ignore[assignment]  # it has no weight

    def forward(
        self,
        x: Float[Tensor, "batch time channel"],
        rotary: Rotary | None,
        cache: KeyValueCache | None,
        allowed: Bool[Tensor, "batch time time"] | None = None,
    ) -> Float[Tensor, "batch time channel"]:
        """Return the output of all heads, to be added to the stream."""
        queries = split_heads(self.query(x), self.heads)
        keys = split_heads(self.key(x), self.key_value_heads)
        values = split_heads(self.value(x), self.key_value_heads)
        if rotary is not None:
            queries = rotate(self.query_norm(queries), *rotary)
            keys = rotate(self.key_norm(keys), *rotary)
        if cache is not None:
            keys, values = cache.store(self.layer, keys, values)
        keys, values = repeat_kv_heads(keys, self.heads), repeat_kv_heads(values, self.heads)
        found = fused_attention(queries, keys, values, allowed)
        return self.output(join_heads(found))


class ClassicFeedForward(nn.Module):
    """Feed-forward of the classic preset: a linear layer to ``hidden`` channels, GELU, and a linear layer back."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = Linear(width, hidden)
        self.contract = Linear(hidden, width)

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the output, to be added to the stream."""
        return self.contract(functional.gelu(self.expand(x), approximate="tanh"))


class GatedFeedForward(nn.Module):
    """Feed-forward of the modern preset: SiLU(gate(x)) times expand(x), then a linear layer back."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = Linear(width, hidden, bias=False)
        self.expand = Linear(width, hidden, bias=False)
        self.contract = Linear(hidden, width, bias=False)

    def forward(self, x: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch channel"]:
        """Return the output, to be added to the stream."""
        return self.contract(functional.silu(self.gate(x)) * self.expand(x))


class Block(nn.Module):
    """Attention and feed-forward; each one reads the normalized stream and adds its output to the stream.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.
    layer : int
        The index of the block, from 0.
    """

    def __init__(self, settings: GPTSettings, layer: int) -> None:
        super().__init__()
        modern = settings.preset == "modern"
        norm, feed_forward = (RMSNorm, GatedFeedForward) if modern else (LayerNorm, ClassicFeedForward)
        self.attention_norm = norm(settings.width, settings.norm_epsilon)
        self.attention = Attention(settings, layer)
        self.feed_forward_norm = norm(settings.width, settings.norm_epsilon)
        self.feed_forward = feed_forward(settings.width, settings.hidden)
        self.drop = Dropout(settings.dropout)

    def forward(
        self,
        x: Float[Tensor, "batch time channel"],
        rotary: Rotary | None,
        cache: KeyValueCache | None = None,
        allowed: Bool[Tensor, "batch time time"] | None = None,
    ) -> Float[Tensor, "batch time channel"]:
        """Return the stream after this block; ``allowed`` stands in the place of the causal mask."""
        x = x + self.drop(self.attention(self.attention_norm(x), rotary, cache, allowed))
        return x + self.drop(self.feed_forward(self.feed_forward_norm(x)))


def make_block(settings: GPTSettings, layer: int) -> Block | PlainBlock:
    """Return a new block of the preset that the settings choose."""
    if settings.preset == "plain":
        return PlainBlock(settings.width, settings.heads, settings.dropout)
    return Block(settings, layer)
