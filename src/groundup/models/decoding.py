r"""Decoding: a GPT's forward pass for a single token, arranged so that little is computed besides the matrix products.

With a cache, each token costs one matrix-vector product per weight matrix. Each weight is used only once per token, so
reading it from memory costs as much as computing with it. For models that fit into the processor's caches, the Python
overhead dominates instead. So everything that can be computed in advance is computed before the first token:

* queries, keys and values come from one matrix, and so do the gate and the expansion of the feed-forward: one large
  product instead of several;
* the weights g of a norm, and the factor 1/√h of the scores, are multiplied into the matrix after them:
  W(g ⊙ x) = (W diag g) x. For the rotary rotation of g ⊙ x, the tables of cosines and sines are multiplied by g;
* a single new token may see everything in the cache, so no mask is needed.

The logits are those of `groundup.steps.c6_gpt.gpt.GPT` up to rounding.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.transformer import Attention, Block

Vector = Float[Tensor, " channel"]


class Decoder:
    """Compute next-token logits like `groundup.steps.c5_words.sampling.Cached`, but faster.

    Parameters
    ----------
    model : GPT
        Its weights are prepared when the decoder is created, in their own precision; if they change later, create a
        new decoder.

    Examples
    --------
    >>> from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    >>> model = GPT(GPTSettings(vocabulary=9, context=8, layers=1, heads=2, width=16)).eval()
    >>> with torch.inference_mode():
    ...     decoder = Decoder(model)
    ...     _ = decoder.prefill([1, 2])
    ...     bool(torch.allclose(decoder.decode(3), model(torch.tensor([[1, 2, 3]]))[0, -1], atol=1e-5))
    True
    """

    def __init__(self, model: GPT) -> None:
        self.model = model
        self.cache: KeyValueCache = model.make_cache()
        modern = model.settings.preset == "modern"
        kind = ModernLayer if modern else ClassicLayer
        with torch.no_grad():
            self.layers = [kind(model, block) for block in model.blocks]  # type: ignore[arg-type]

    def share(self) -> Decoder:
        """Return a decoder of another sequence with the same prepared weights, and a cache of its own."""
        other = copy.copy(self)
        other.cache = self.model.make_cache()
        return other

    def prefill(self, tokens: Sequence[int]) -> Float[Tensor, " vocabulary"]:
        """Start a new sequence with ``tokens`` and return the logits of the token after them."""
        self.cache.clear()
        row = torch.tensor([list(tokens)], device=self.cache.keys.device)
        return self.model(row, self.cache)[0, -1].float()

    def decode(self, token: int) -> Float[Tensor, " vocabulary"]:
        """Append one token to the sequence and return the logits of the token after it."""
        model, cache = self.model, self.cache
        place = cache.length
        x = model.token_embedding.weight[token]
        if model.settings.preset == "classic":
            x = x + model.position_embedding.weight[place]
        for number, layer in enumerate(self.layers):
            x = layer.step(x, place, cache.keys[number, 0], cache.values[number, 0])
        cache.advance(1)
        return torch.mv(model.output.weight, model.final_norm(x)).float()


def attend(
    queries: Float[Tensor, "head channel"],
    keys: Float[Tensor, "key_value_head seen channel"],
    values: Float[Tensor, "key_value_head seen channel"],
) -> Float[Tensor, " joined_channel"]:
    """Return the concatenated outputs of all heads for one token; the queries already contain the factor 1/√h."""
    grouped = queries.view(keys.shape[0], -1, keys.shape[2])
    return torch.bmm(torch.bmm(grouped, keys.transpose(1, 2)).softmax(-1), values).flatten()


class ModernLayer:
    """One block of the modern preset for a single token."""

    def __init__(self, model: GPT, block: Block) -> None:
        attention, s = block.attention, model.settings
        self.width, self.channel, self.epsilon = (s.width,), (s.head_width,), s.norm_epsilon
        self.heads, self.turned = s.heads, s.heads + s.key_value_heads
        self.joined = _joined(attention) * block.attention_norm.weight
        self.cosines, self.sines = _weighted_turns(model, attention)
        self.output = attention.output.weight
        feed = block.feed_forward
        self.widen = torch.cat([feed.gate.weight, feed.expand.weight]) * block.feed_forward_norm.weight  # type: ignore[union-attr,list-item]
        self.contract = feed.contract.weight

    def step(self, x: Vector, place: int, keys: Tensor, values: Tensor) -> Vector:
        """Return the stream after this block, and write the token's key and value into the cache."""
        joined = torch.mv(self.joined, torch.rms_norm(x, self.width, None, self.epsilon)).view(-1, self.channel[0])
        turning = torch.rms_norm(joined[: self.turned], self.channel, None, self.epsilon)
        half = self.channel[0] // 2
        turned = torch.addcmul(turning * self.cosines[place], turning.roll(half, 1), self.sines[place])
        keys[:, place] = turned[self.heads :]
        values[:, place] = joined[self.turned :]
        found = attend(turned[: self.heads], keys[:, : place + 1], values[:, : place + 1])
        x = torch.addmv(x, self.output, found)
        gate, expanded = torch.mv(self.widen, torch.rms_norm(x, self.width, None, self.epsilon)).chunk(2)
        return torch.addmv(x, self.contract, functional.silu(gate) * expanded)


class ClassicLayer:
    """One block of the classic preset for a single token."""

    def __init__(self, model: GPT, block: Block) -> None:
        attention, s = block.attention, model.settings
        self.heads, self.scale = s.heads, 1 / math.sqrt(s.head_width)
        self.attention_norm, self.feed_forward_norm = block.attention_norm, block.feed_forward_norm
        self.joined = _joined(attention)
        biases = [_bias(attention.query) * self.scale, _bias(attention.key), _bias(attention.value)]
        self.joined_bias = torch.cat(biases)
        self.joined[: s.width] *= self.scale
        self.output, self.output_bias = attention.output.weight, _bias(attention.output)
        feed = block.feed_forward
        self.expand, self.expand_bias = feed.expand.weight, _bias(feed.expand)
        self.contract, self.contract_bias = feed.contract.weight, _bias(feed.contract)

    def step(self, x: Vector, place: int, keys: Tensor, values: Tensor) -> Vector:
        """Return the stream after this block, and write the token's key and value into the cache."""
        joined = torch.addmv(self.joined_bias, self.joined, self.attention_norm(x))
        queries, new_keys, new_values = joined.view(3, self.heads, -1).unbind()
        keys[:, place] = new_keys
        values[:, place] = new_values
        found = attend(queries, keys[:, : place + 1], values[:, : place + 1])
        x = torch.addmv(x + self.output_bias, self.output, found)
        hidden = torch.addmv(self.expand_bias, self.expand, self.feed_forward_norm(x))
        hidden = functional.gelu(hidden, approximate="tanh")
        return torch.addmv(x + self.contract_bias, self.contract, hidden)


def _bias(layer: Linear) -> Tensor:
    assert layer.bias is not None
    return layer.bias


def _joined(attention: Attention) -> Tensor:
    return torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])


def _weighted_turns(model: GPT, attention: Attention) -> tuple[Tensor, Tensor]:
    """Return cosines and sines ``[position, head, channel]``, multiplied by the norms' weights and by 1/√h."""
    s = model.settings
    scale = 1 / math.sqrt(s.head_width)
    weights = torch.cat(
        [
            (attention.query_norm.weight * scale).expand(s.heads, -1),
            attention.key_norm.weight.expand(s.key_value_heads, -1),
        ]
    )
    half = s.head_width // 2
    # rotate() moves −(second half) to the first half and the first half to the second half: a roll and a sign.
    sign = torch.ones(s.head_width, device=weights.device)
    sign[:half] = -1
    cosines = model.rotary_cosines[:, None] * weights
    sines = model.rotary_sines[:, None] * sign * weights.roll(half, 1)
    return cosines.to(weights.dtype), sines.to(weights.dtype)
