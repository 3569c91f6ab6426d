r"""Decoding: a GPT's forward pass for a single token, arranged so that little is computed besides the matrix products.

With a cache, each token costs one matrix-vector product per weight matrix. Each weight is used only once per token, so
reading it from memory costs as much as computing with it. For models that fit into the processor's caches, the Python
overhead dominates instead. So everything that can be computed in advance is computed before the first token:

* queries, keys and values come from one matrix, and so do the gate and the expansion of the feed-forward: one large
  product instead of several;
* the weights g of a norm, and the factor 1/√d of the scores, are multiplied into the matrix after them:
  W(g ⊙ x) = (W diag g) x. For the rotary rotation of g ⊙ x, the tables of cosines and sines are multiplied by g;
* a single new token may see everything in the cache, so no mask is needed.

Of a quantised model (`groundup.models.quantised_layers`) the matrices stay as they are, and are joined all the same;
the weights of its norms are then multiplied in the norms.

The logits are those of `groundup.steps.c6_gpt.gpt.GPT` up to rounding.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from groundup.models.quantised_layers import QuantisedEmbedding, QuantisedLinear, multiply
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.transformer import Attention, Block, GatedFeedForward

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
            self.output = _join([model.output])

    def share(self) -> Decoder:
        """Return a decoder of another sequence with the same prepared weights, and a cache of its own."""
        other = copy.copy(self)
        other.cache = self.model.make_cache()
        return other

    def prefill(self, tokens: Sequence[int]) -> Float[Tensor, " vocabulary"]:
        """Start a new sequence with ``tokens`` and return the logits of the token after them."""
        self.cache.clear()
        return self.extend(tokens)[-1]

    def extend(self, tokens: Sequence[int]) -> Float[Tensor, "time vocabulary"]:
        """Append several tokens to the sequence in one pass and return the logits after each of them."""
        row = torch.tensor([list(tokens)], device=self.cache.keys.device)
        return self.model(row, self.cache)[0].float()

    def decode(self, token: int) -> Float[Tensor, " vocabulary"]:
        """Append one token to the sequence and return the logits of the token after it."""
        model, cache = self.model, self.cache
        place = cache.length
        x = _look_up(model.token_embedding, token)
        if model.settings.preset == "classic":
            x = x + _look_up(model.position_embedding, place)
        for number, layer in enumerate(self.layers):
            x = layer.step(x, place, cache.keys[number, 0], cache.values[number, 0])
        cache.advance(1)
        return apply(self.output, model.final_norm(x)).float()


def attend(
    queries: Float[Tensor, "head channel"],
    keys: Float[Tensor, "key_value_head seen channel"],
    values: Float[Tensor, "key_value_head seen channel"],
) -> Float[Tensor, " joined_channel"]:
    """Return the concatenated outputs of all heads for one token; the queries already contain the factor 1/√d."""
    grouped = queries.view(keys.shape[0], -1, keys.shape[2])
    return torch.bmm(torch.bmm(grouped, keys.transpose(1, 2)).softmax(-1), values).flatten()


@dataclass(frozen=True)
class Matrix:
    """One matrix product: an ordinary matrix, or a quantised one with its scales."""

    weight: Tensor
    scales: Tensor | None = None


def apply(matrix: Matrix, x: Vector) -> Vector:
    """Return the product of a matrix and a vector."""
    if matrix.scales is None:
        return torch.mv(matrix.weight, x)
    return multiply(x, matrix.weight, matrix.scales)


def apply_onto(base: Vector, matrix: Matrix, x: Vector) -> Vector:
    """Return a vector plus the product of a matrix and another one."""
    if matrix.scales is None:
        return torch.addmv(base, matrix.weight, x)
    return base + multiply(x, matrix.weight, matrix.scales)


class ModernLayer:
    """One block of the modern preset for a single token."""

    def __init__(self, model: GPT, block: Block) -> None:
        attention, s = block.attention, model.settings
        self.width, self.channel, self.epsilon = (s.width,), (s.head_width,), s.norm_epsilon
        self.heads, self.turned = s.heads, s.heads + s.key_value_heads
        joined = _join([attention.query, attention.key, attention.value])
        self.joined, self.attention_weight = _take_weight(joined, block.attention_norm)
        self.cosines, self.sines = _weighted_turns(model, attention)
        self.normed = s.query_key_norm
        self.output = _join([attention.output])
        feed = block.feed_forward
        # What is no single feed-forward, a mixture of experts, is called as it is.
        self.mixture = None if isinstance(feed, GatedFeedForward) else nn.Sequential(block.feed_forward_norm, feed)
        if isinstance(feed, GatedFeedForward):
            self.widen, self.feed_weight = _take_weight(_join([feed.gate, feed.expand]), block.feed_forward_norm)
            self.contract = _join([feed.contract])

    def step(self, x: Vector, place: int, keys: Tensor, values: Tensor) -> Vector:
        """Return the stream after this block, and write the token's key and value into the cache."""
        normed = torch.rms_norm(x, self.width, self.attention_weight, self.epsilon)
        joined = apply(self.joined, normed).view(-1, self.channel[0])
        turning = joined[: self.turned]
        if self.normed:
            turning = torch.rms_norm(turning, self.channel, None, self.epsilon)
        half = self.channel[0] // 2
        turned = torch.addcmul(turning * self.cosines[place], turning.roll(half, 1), self.sines[place])
        keys[:, place] = turned[self.heads :]
        values[:, place] = joined[self.turned :]
        found = attend(turned[: self.heads], keys[:, : place + 1], values[:, : place + 1])
        x = apply_onto(x, self.output, found)
        if self.mixture is not None:
            return x + self.mixture(x[None])[0]
        normed = torch.rms_norm(x, self.width, self.feed_weight, self.epsilon)
        gate, expanded = apply(self.widen, normed).chunk(2)
        return apply_onto(x, self.contract, functional.silu(gate) * expanded)


class ClassicLayer:
    """One block of the classic preset for a single token."""

    def __init__(self, model: GPT, block: Block) -> None:
        attention, s = block.attention, model.settings
        self.heads, self.scale = s.heads, 1 / math.sqrt(s.head_width)
        self.attention_norm, self.feed_forward_norm = block.attention_norm, block.feed_forward_norm
        joined = _join([attention.query, attention.key, attention.value])
        factors = torch.ones(len(joined.weight), dtype=torch.float64, device=joined.weight.device)
        factors[: s.width] = self.scale
        self.joined = _scale_rows(joined, factors)
        biases = [_bias(attention.query) * self.scale, _bias(attention.key), _bias(attention.value)]
        self.joined_bias = torch.cat(biases)
        self.output, self.output_bias = _join([attention.output]), _bias(attention.output)
        feed = block.feed_forward
        self.expand, self.expand_bias = _join([feed.expand]), _bias(feed.expand)
        self.contract, self.contract_bias = _join([feed.contract]), _bias(feed.contract)

    def step(self, x: Vector, place: int, keys: Tensor, values: Tensor) -> Vector:
        """Return the stream after this block, and write the token's key and value into the cache."""
        joined = apply_onto(self.joined_bias, self.joined, self.attention_norm(x))
        queries, new_keys, new_values = joined.view(3, self.heads, -1).unbind()
        keys[:, place] = new_keys
        values[:, place] = new_values
        found = attend(queries, keys[:, : place + 1], values[:, : place + 1])
        x = apply_onto(x + self.output_bias, self.output, found)
        hidden = apply_onto(self.expand_bias, self.expand, self.feed_forward_norm(x))
        hidden = functional.gelu(hidden, approximate="tanh")
        return apply_onto(x + self.contract_bias, self.contract, hidden)


def _bias(layer: Linear | QuantisedLinear) -> Tensor:
    assert layer.bias is not None
    return layer.bias


def _join(layers: Sequence[Linear | QuantisedLinear]) -> Matrix:
    """Return the matrices of several layers as one; that of a single layer as it is."""
    quantised = [layer for layer in layers if isinstance(layer, QuantisedLinear)]
    if len(quantised) == len(layers):
        return Matrix(_stack([layer.numbers for layer in quantised]), _stack([layer.scales for layer in quantised]))
    return Matrix(_stack([layer.weight for layer in layers if not isinstance(layer, QuantisedLinear)]))


def _stack(pieces: list[Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else torch.cat(pieces)


def _scale_rows(matrix: Matrix, factors: Tensor) -> Matrix:
    if matrix.scales is None:
        return Matrix(matrix.weight * factors[:, None].to(matrix.weight.dtype))
    return Matrix(matrix.weight, matrix.scales * factors.to(matrix.scales.dtype))


def _take_weight(matrix: Matrix, norm: nn.Module) -> tuple[Matrix, Tensor | None]:
    """Multiply the norm before a matrix into it; return what the norm is still to multiply itself."""
    assert isinstance(norm.weight, Tensor)
    if matrix.scales is None:
        return Matrix(matrix.weight * norm.weight), None
    return matrix, norm.weight


def _look_up(embedding: nn.Module, row: int) -> Vector:
    if isinstance(embedding, QuantisedEmbedding):
        return embedding.numbers[row] * embedding.scales[row]
    assert isinstance(embedding.weight, Tensor)
    return embedding.weight[row]


def _weighted_turns(model: GPT, attention: Attention) -> tuple[Tensor, Tensor]:
    """Return cosines and sines ``[position, head, channel]``, multiplied by the norms' weights and by 1/√d."""
    s = model.settings
    scale = 1 / math.sqrt(s.head_width)
    query_weight: Tensor = torch.ones_like(model.rotary_cosines[0])
    key_weight = query_weight
    if s.query_key_norm:
        query_weight, key_weight = attention.query_norm.weight, attention.key_norm.weight
    weights = torch.cat([(query_weight * scale).expand(s.heads, -1), key_weight.expand(s.key_value_heads, -1)])
    half = s.head_width // 2
    # rotate() moves −(second half) to the first half and the first half to the second half: a roll and a sign.
    sign = torch.ones(s.head_width, device=weights.device)
    sign[:half] = -1
    cosines = model.rotary_cosines[:, None] * weights
    sines = model.rotary_sines[:, None] * sign * weights.roll(half, 1)
    return cosines.to(weights.dtype), sines.to(weights.dtype)
