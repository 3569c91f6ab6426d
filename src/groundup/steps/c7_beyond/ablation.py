r"""Ablation: switch a part of a model off, and measure what the loss rises by.

.. math:: \text{cost}(\text{part}) = L(\text{without the part}) - L

A part of a GPT only adds to the residual stream, so it can be switched off by letting it add nothing. For a head this
is the same as zeros in its columns of the output projection, since each head fills a slice of the channels that this
projection reads. A cost near 0 means that the model does as well without the part on this text: it may be of no use, or
another part may do the same. A cost below 0 means that the part does harm on this text. The costs of several parts do
not add up. (For heads: Michel, Levy and Neubig, "Are sixteen heads really better than one?", 2019, section 3.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor, nn

from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_training import next_token_loss
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.transformer import Attention, Block


@dataclass(frozen=True)
class Part:
    """A part of a GPT that can be switched off.

    Attributes
    ----------
    kind : {"head", "attention", "feed-forward", "block"}
        What it is; a block is its attention and its feed-forward together.
    layer : int
        The index of its block, from 0.
    head : int
        The index of a head, from 0.
    """

    kind: str
    layer: int
    head: int = 0

    def __str__(self) -> str:
        """Return its name, counted from 1.

        Examples
        --------
        >>> str(Part("head", 0, 2)), str(Part("block", 1))
        ('head 1.3', 'block 2')
        """
        return f"{self.kind} {self.layer + 1}" + (f".{self.head + 1}" if self.kind == "head" else "")


def list_parts(model: GPT) -> list[Part]:
    """Return every part that can be switched off, block by block.

    Of a learner's own attention no heads are known, and of a learner's own block no parts.
    """
    parts: list[Part] = []
    for layer, block in enumerate(model.blocks):
        if isinstance(block, Block | PlainBlock):
            if isinstance(block.attention, Attention | MultiHeadAttention):
                parts += [Part("head", layer, head) for head in range(block.attention.heads)]
            parts += [Part("attention", layer), Part("feed-forward", layer)]
        parts.append(Part("block", layer))
    return parts


@contextmanager
def switched_off(model: GPT, parts: Iterable[Part]) -> Iterator[None]:
    """Let parts of a model add nothing for a while.

    Examples
    --------
    >>> from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    >>> model = GPT(GPTSettings(vocabulary=9, context=8, layers=1, heads=2, width=16))
    >>> tokens = torch.tensor([[1, 2, 3]])
    >>> with switched_off(model, [Part("block", 0)]):
    ...     logits = model(tokens)
    >>> torch.equal(logits, model.output(model.final_norm(model.token_embedding(tokens))))
    True
    """

    def add_nothing(_: nn.Module, __: tuple[Any, ...], output: Tensor) -> Tensor:
        return torch.zeros_like(output)

    def pass_on(_: nn.Module, inputs: tuple[Any, ...], __: Tensor) -> Tensor:
        return inputs[0]

    with ExitStack() as hooks:
        for part in parts:
            block: Any = model.blocks[part.layer]
            if part.kind == "head":
                width = model.settings.head_width
                channels = slice(part.head * width, (part.head + 1) * width)

                def empty(_: nn.Module, inputs: tuple[Any, ...], channels: slice = channels) -> tuple[Any, ...]:
                    joined = inputs[0].clone()
                    joined[..., channels] = 0
                    return (joined,)

                hook = block.attention.output.register_forward_pre_hook(empty)
            elif part.kind == "block":
                hook = block.register_forward_hook(pass_on)
            else:
                module = block.attention if part.kind == "attention" else block.feed_forward
                hook = module.register_forward_hook(add_nothing)
            hooks.callback(hook.remove)
        yield


@torch.no_grad()
def measure_cost(
    model: GPT, parts: Iterable[Part], inputs: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"]
) -> float:
    """Return what the loss rises by if parts are switched off together, in nats per token.

    Parameters
    ----------
    model : GPT
        In evaluation mode.
    parts : iterable of Part
        Of `list_parts`.
    inputs, targets : Tensor
        int64, B×T: the tokens, and the token after each of them.
    """
    loss = next_token_loss(model, inputs, targets)
    with switched_off(model, parts):
        return float(next_token_loss(model, inputs, targets) - loss)
