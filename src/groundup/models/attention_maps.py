"""Attention maps: the attention weights of every head of a GPT for a text.

The fused attention kernel never stores its weights, so they are computed separately: a hook records the input of each
layer, and the readable `groundup.steps.c6_gpt.attention.attention_weights` is applied to the queries and keys of that
input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.base.errors import UserError
from groundup.steps.c6_gpt.attention import MultiHeadAttention, attention_weights, repeat_kv_heads, split_heads
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.positions import rotate
from groundup.steps.c6_gpt.transformer import Attention, Rotary


def head_queries_and_keys(
    attention: Attention | MultiHeadAttention, x: Float[Tensor, "batch time channel"], rotary: Rotary | None
) -> tuple[Float[Tensor, "batch head time head_channel"], Float[Tensor, "batch head time head_channel"]]:
    """Return the queries and keys of one layer's heads for the layer's input ``x``."""
    queries = split_heads(attention.query(x), attention.heads)
    keys = split_heads(attention.key(x), attention.key_value_heads)
    if rotary is not None and isinstance(attention, Attention):
        queries = rotate(attention.query_norm(queries), *rotary)
        keys = rotate(attention.key_norm(keys), *rotary)
    return queries, repeat_kv_heads(keys, attention.heads)


def head_weights(
    attention: Attention | MultiHeadAttention, x: Float[Tensor, "batch time channel"], rotary: Rotary | None
) -> Float[Tensor, "batch head time time"]:
    """Return the attention weights of one layer's heads for the layer's input ``x``; every row sums to 1."""
    return attention_weights(*head_queries_and_keys(attention, x, rotary))


Caught = tuple[Attention | MultiHeadAttention, Tensor, Rotary | None]


@torch.inference_mode()
def look(model: GPT, tokens: Sequence[int]) -> list[Float[Tensor, "batch head time time"]]:
    """Return every layer's attention weights for a sequence of tokens.

    Raises
    ------
    UserError
        A layer's attention is not one of this package's classes, so its weights cannot be computed.

    Examples
    --------
    >>> from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    >>> model = GPT(GPTSettings(vocabulary=9, context=8, layers=2, heads=2, width=16))
    >>> [tuple(weights.shape) for weights in look(model, [1, 2, 3])]
    [(1, 2, 3, 3), (1, 2, 3, 3)]
    """
    return [head_weights(*caught) for caught in catch_inputs(model, tokens)]


@torch.inference_mode()
def catch_inputs(model: GPT, tokens: Sequence[int] | Int[Tensor, "batch time"]) -> list[Caught]:
    """Return every layer's attention, its input for one or several texts, and its rotary table; errors as in `look`."""
    seen: list[Caught] = []

    def catch(attention: torch.nn.Module, inputs: tuple[Any, ...]) -> None:
        assert isinstance(attention, Attention | MultiHeadAttention)
        seen.append((attention, inputs[0], inputs[1] if len(inputs) > 1 else None))

    looked_at = [getattr(block, "attention", None) for block in model.blocks]
    if not all(isinstance(attention, Attention | MultiHeadAttention) for attention in looked_at):
        raise UserError(
            "The attention of this run is a learner's own part: its attention weights cannot be read from outside."
        )
    hooks = [attention.register_forward_pre_hook(catch) for attention in looked_at if attention is not None]
    try:
        model(tokens if isinstance(tokens, Tensor) else torch.tensor([list(tokens)]))
    finally:
        for hook in hooks:
            hook.remove()
    return seen
