r"""The modern GPT's forward and backward pass with the derivatives written out, for small models on a CPU.

With 128 channels, a training step consists of hundreds of small operations. Autograd with mixed precision adds many
more: it converts numbers at every matrix product, stores intermediate results that could be computed again, and
computes the gradient of each intermediate result separately. Here each half of a block is one function with its own
backward pass:

    x + attention(norm(x))    and    x + feed_forward(norm(x))

The weights stay in float32; everything between them and the logits has one dtype. The following is used:

- the weight g of a norm is multiplied into the matrix after it: (r x ∘ g) Wᵀ = r x (g ∘ W)ᵀ, with r = 1/rms(x);
- the gradient of the norm n = r x is dx = r (dn − n · mean(n ∘ dn));
- rotary positions are y = x ∘ cos + swap(x) ∘ sin, with the first half of the sines negated; their gradient is
  dx = dy ∘ cos + swap(dy ∘ sin). The weights of the query and key norms and 1/√h are multiplied into these tables;
- attention uses matrix products with a mask; for short contexts, their backward pass is faster than the fused kernel;
- where only the logits at the last positions are needed, the last block computes keys and values for all positions and
  everything else for those only.

The readable model in `groundup.steps` is the reference: in float64 both give the same values and gradients.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt import GPT, Packed
from groundup.steps.c6_gpt.transformer import Block, GatedFeedForward

softmax_backward = torch.ops.aten._softmax_backward_data
silu_backward = torch.ops.aten.silu_backward


def accelerate(model: GPT, dtype: torch.dtype = torch.bfloat16, longest: int = 256) -> FastForward | None:
    """Replace the model's ``forward`` by one that uses the fast pass where possible.

    The fast pass handles up to ``longest`` tokens at once, without a cache; for longer sequences the fused attention
    kernel is faster. The readable ``forward`` is still used for the `classic` preset, for dropout in training, for
    grouped queries, for queries and keys without a norm, and for blocks other than its own, such as those with experts.

    Parameters
    ----------
    model : GPT
        Changed in place; its weights and their names stay the same.
    dtype : torch.dtype
        The dtype of everything between the weights and the logits.
    longest : int
        The length of the longest sequence for which the fast pass is used.

    Returns
    -------
    FastForward or None
        The fast pass; ``None`` if this model cannot use it, and the model is then not changed.
    """
    settings = model.settings
    able = settings.preset == "modern" and settings.key_value_heads == settings.heads and settings.query_key_norm
    able = able and all(
        isinstance(block, Block) and isinstance(block.feed_forward, GatedFeedForward) for block in model.blocks
    )
    if not able or model.token_embedding.weight.device.type != "cpu":
        return None
    fast = FastForward(model, dtype, longest)
    model.forward = AcceleratedForward(model, fast)  # type: ignore[method-assign]
    return fast


def last_logits(model: GPT, tokens: Tensor, count: int) -> Tensor:
    """Return a model's logits at the last positions only, by its fast pass if `accelerate` gave it one.

    Parameters
    ----------
    model : GPT
        Accelerated or not.
    tokens : Tensor of int64, B×T
        As for the model.
    count : int
        How many positions at the end, at most T.

    Returns
    -------
    Tensor
        B×count×V.
    """
    forward = model.forward
    if isinstance(forward, AcceleratedForward) and forward.fast.takes(tokens):
        return forward.fast(tokens, last=count)
    logits: Tensor = model(tokens)
    return logits[:, -count:]


class AcceleratedForward:
    """A model's ``forward``: the fast pass where it can be used, else the readable one.

    Parameters
    ----------
    model : GPT
        Whose readable ``forward`` is kept.
    fast : FastForward
        The fast pass.
    """

    def __init__(self, model: GPT, fast: FastForward) -> None:
        self.model, self.fast = model, fast

    def __call__(self, tokens: Tensor, cache: KeyValueCache | None = None, packed: Packed | None = None) -> Tensor:
        """Return the logits, as the model does."""
        if cache is None and self.fast.takes(tokens):
            return self.fast(tokens, packed)
        return type(self.model).forward(self.model, tokens, cache, packed)


class FastForward:
    """Computes the logits of a model without a cache, in one dtype.

    Parameters
    ----------
    model, dtype, longest
        As for `accelerate`.
    """

    def __init__(self, model: GPT, dtype: torch.dtype, longest: int) -> None:
        self.model, self.dtype, self.longest = model, dtype, longest
        self.masks: dict[int, Tensor] = {}

    def takes(self, tokens: Tensor) -> bool:
        """Return whether the fast pass can be used for these tokens."""
        model = self.model
        fits = tokens.shape[1] <= min(self.longest, model.settings.context)
        return fits and not (model.training and model.settings.dropout > 0)

    def __call__(self, tokens: Tensor, packed: Packed | None = None, last: int | None = None) -> Tensor:
        """Return the logits in float32 or float64.

        Parameters
        ----------
        tokens : Tensor of int64, B×T
            As for the model.
        packed : tuple, optional
            As for the model.
        last : int, optional
            How many positions at the end are computed; all by default.

        Returns
        -------
        Tensor
            B×T×V, or B×last×V.
        """
        model, time = self.model, tokens.shape[1]
        cosines, sines = model.rotary_cosines[:time], model.rotary_sines[:time].clone()
        sines[:, : sines.shape[1] // 2].neg_()
        # Rotary positions need not begin again in each example of a row: only their differences count.
        mask = self._mask(time) if packed is None else self._make_mask(packed[0], model.settings.heads)
        with torch.autocast("cpu", enabled=False):
            x = model.token_embedding(tokens).to(self.dtype)
            for number, block in enumerate(model.blocks, start=1):
                assert isinstance(block, Block)
                needed = last if last is not None and number == len(model.blocks) else time
                x = self._block(block, x, cosines, sines, mask, needed)
            weight = model.final_norm.weight
            assert isinstance(weight, Tensor)
            wide = x if self.dtype == torch.float64 else x.float()
            x = functional.rms_norm(wide, (x.shape[-1],), weight, model.settings.norm_epsilon)
            return (x.to(self.dtype) @ model.output.weight.to(self.dtype).T).to(wide.dtype)

    def _block(self, block: Block, x: Tensor, cosines: Tensor, sines: Tensor, mask: Tensor, needed: int) -> Tensor:
        attention, feed_forward = block.attention, block.feed_forward
        assert isinstance(feed_forward, GatedFeedForward)
        x = AttentionHalf.apply(  # type: ignore[no-untyped-call]  # PyTorch's apply has no types
            x,
            block.attention_norm.weight,
            attention.query.weight,
            attention.key.weight,
            attention.value.weight,
            attention.output.weight,
            attention.query_norm.weight,
            attention.key_norm.weight,
            (cosines, sines, mask[..., -needed:, :], attention.heads, self.model.settings.norm_epsilon),
        )
        return FeedForwardHalf.apply(  # type: ignore[no-untyped-call]  # PyTorch's apply has no types
            x,
            block.feed_forward_norm.weight,
            feed_forward.gate.weight,
            feed_forward.expand.weight,
            feed_forward.contract.weight,
            self.model.settings.norm_epsilon,
        )

    def _mask(self, time: int) -> Tensor:
        if time not in self.masks:
            self.masks[time] = self._make_mask(torch.ones(1, time, time, dtype=torch.bool).tril(), 1)[0]
        return self.masks[time]

    def _make_mask(self, allowed: Tensor, heads: int) -> Tensor:
        # A finite number, because kernels for bfloat16 matrix products do not treat −∞ reliably.
        mask = torch.zeros(allowed.shape, dtype=self.dtype).masked_fill(~allowed, -1e30)
        return mask.repeat_interleave(heads, dim=0)


class AttentionHalf(Function):
    """x + attention(norm(x)); the other half is `FeedForwardHalf`."""

    @staticmethod
    def forward(  # noqa: PLR0913 - PyTorch's form: the tensors that have gradients
        ctx: Any,
        x: Tensor,
        norm_weight: Tensor,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        output: Tensor,
        query_norm: Tensor,
        key_norm: Tensor,
        rest: tuple[Tensor, Tensor, Tensor, int, float],
    ) -> Tensor:
        """Return the stream after attention, at the last positions: as many as the mask has rows."""
        cosines, sines, mask, heads, epsilon = rest
        (batch, time, width), dtype, needed = x.shape, x.dtype, mask.shape[-2]
        channel = query.shape[0] // heads
        weights = torch.cat([query, key, value])
        folded = (weights * norm_weight).to(dtype)
        scale = inverse_rms(x, epsilon)
        normed = (x * scale).view(-1, width)
        joined = (normed @ folded.T).view(batch, time, 3, heads, channel)
        parts = joined.permute(2, 0, 3, 1, 4).contiguous()  # [query key value, batch, head, time, channel]
        head_scale = inverse_rms(parts[:2], epsilon)
        head_normed = parts[:2] * head_scale
        # The weights of both norms, and 1/√h for the queries, are multiplied into the tables.
        head_weights = torch.stack([query_norm * channel**-0.5, key_norm])
        turn = (head_weights[:, None] * cosines).to(dtype)[:, None, None]
        cross = (swap(head_weights)[:, None] * sines).to(dtype)[:, None, None]
        turned = (head_normed * turn).addcmul_(swap(head_normed), cross).view(2, -1, time, channel)
        values = parts[2].view(-1, time, channel)
        shares = torch.baddbmm(mask, turned[0, :, -needed:], turned[1].mT).softmax(-1)
        found = torch.bmm(shares, values).view(batch, heads, needed, channel).transpose(1, 2)
        found = found.reshape(batch * needed, heads * channel)
        output_cast = output.to(dtype)
        ctx.save_for_backward(
            weights, folded, norm_weight, output_cast, scale, normed, head_scale, head_normed, head_weights,
            turn, cross, turned, values, shares, found, cosines, sines,
        )  # fmt: skip
        stream = x[:, -needed:].reshape(-1, width)
        return torch.addmm(stream, found, output_cast.T).view(batch, needed, width)

    @staticmethod
    def backward(ctx: Any, d_out: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the loss with respect to the stream and the weights."""
        (
            weights, folded, norm_weight, output_cast, scale, normed, head_scale, head_normed, head_weights,
            turn, cross, turned, values, shares, found, cosines, sines,
        ) = ctx.saved_tensors  # fmt: skip
        _, batch, heads, time, channel = head_normed.shape
        needed = d_out.shape[1]
        d_out = d_out.contiguous()
        d_flat = d_out.view(-1, d_out.shape[-1])
        d_output = d_flat.T @ found
        d_found = (d_flat @ output_cast).view(batch, needed, heads, channel).transpose(1, 2)
        d_found = d_found.reshape(-1, needed, channel)
        d_parts = torch.empty(3, batch, heads, time, channel, dtype=d_out.dtype)
        d_turned = d_parts[:2].view(2, -1, time, channel)
        torch.bmm(shares.mT, d_found, out=d_parts[2].view(-1, time, channel))
        d_scores = softmax_backward(torch.bmm(d_found, values.mT), shares, -1, shares.dtype)
        if needed == time:
            torch.bmm(d_scores, turned[1], out=d_turned[0])
        else:
            d_turned[0, :, :-needed] = 0
            d_turned[0, :, -needed:] = torch.bmm(d_scores, turned[1])
            d_out = functional.pad(d_out, (0, 0, time - needed, 0))
        torch.bmm(d_scores.mT, turned[0, :, -needed:], out=d_turned[1])
        d_turned = d_parts[:2]
        d_head_weights = None
        if ctx.needs_input_grad[6] or ctx.needs_input_grad[7]:
            unweighted = d_turned * cosines.to(turn.dtype) + swap(d_turned * sines.to(turn.dtype))
            d_head_weights = (head_normed * unweighted).flatten(1, 3).sum(1, dtype=head_weights.dtype)
            d_head_weights[0] *= channel**-0.5
        d_normed = (d_turned * turn).add_(swap(d_turned * cross))
        spread = (head_normed * d_normed).sum(-1, keepdim=True)
        d_normed.addcmul_(head_normed, spread, value=-1.0 / channel)
        torch.mul(d_normed, head_scale, out=d_turned)
        d_joined = d_parts.permute(1, 3, 0, 2, 4).reshape(-1, folded.shape[0])
        d_folded = (d_joined.T @ normed).to(weights.dtype)
        d_x = norm_backward(d_joined @ folded, normed, scale, d_out)
        d_norm_weight = (d_folded * weights).sum(0) if ctx.needs_input_grad[1] else None
        d_query, d_key, d_value = (d_folded * norm_weight).chunk(3)
        d_query_norm, d_key_norm = (None, None) if d_head_weights is None else d_head_weights
        return (
            d_x, d_norm_weight, d_query, d_key, d_value, d_output.to(weights.dtype), d_query_norm, d_key_norm, None,
        )  # fmt: skip


class FeedForwardHalf(Function):
    """x + contract(silu(gate(norm(x))) ∘ expand(norm(x)))."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        norm_weight: Tensor,
        gate: Tensor,
        expand: Tensor,
        contract: Tensor,
        epsilon: float,
    ) -> Tensor:
        """Return the stream after the feed-forward."""
        width, dtype = x.shape[-1], x.dtype
        weights = torch.cat([gate, expand])
        folded = (weights * norm_weight).to(dtype)
        contract_cast = contract.to(dtype)
        scale = inverse_rms(x, epsilon)
        normed = (x * scale).view(-1, width)
        both = normed @ folded.T
        gates, widened = both.chunk(2, dim=1)
        opened = functional.silu(gates)
        hidden = opened * widened
        ctx.save_for_backward(weights, folded, norm_weight, contract_cast, scale, normed, both, opened, hidden)
        return torch.addmm(x.view(-1, width), hidden, contract_cast.T).view_as(x)

    @staticmethod
    def backward(ctx: Any, d_out: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the loss with respect to the stream and the weights."""
        weights, folded, norm_weight, contract_cast, scale, normed, both, opened, hidden = ctx.saved_tensors
        d_out = d_out.contiguous()
        d_flat = d_out.view(-1, d_out.shape[-1])
        d_contract = (d_flat.T @ hidden).to(weights.dtype)
        d_hidden = d_flat @ contract_cast
        gates, widened = both.chunk(2, dim=1)
        d_both = torch.empty_like(both)
        d_gates, d_widened = d_both.chunk(2, dim=1)
        silu_backward.grad_input(d_hidden * widened, gates, grad_input=d_gates)
        torch.mul(d_hidden, opened, out=d_widened)
        d_folded = (d_both.T @ normed).to(weights.dtype)
        d_x = norm_backward(d_both @ folded, normed, scale, d_out)
        d_norm_weight = (d_folded * weights).sum(0) if ctx.needs_input_grad[1] else None
        d_gate, d_expand = (d_folded * norm_weight).chunk(2)
        return d_x, d_norm_weight, d_gate, d_expand, d_contract, None


def inverse_rms(x: Tensor, epsilon: float) -> Tensor:
    """Return 1/√(mean(x²) + ε) over the last dimension, which is kept with length 1."""
    wide = torch.float64 if x.dtype == torch.float64 else torch.float32
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=wide)
    return length.square_().div_(x.shape[-1]).add_(epsilon).rsqrt_().to(x.dtype)


def norm_backward(d_normed: Tensor, normed: Tensor, scale: Tensor, d_stream: Tensor) -> Tensor:
    """Return the stream's gradient: the part from the residual sum plus the part through the norm."""
    spread = (normed * d_normed).sum(-1, keepdim=True)
    through = d_normed.addcmul_(normed, spread, value=-1.0 / normed.shape[-1])
    return torch.addcmul(d_stream, through.view_as(d_stream), scale)


def swap(x: Tensor) -> Tensor:
    """Exchange the two halves of the last dimension."""
    return x.roll(x.shape[-1] // 2, -1)
