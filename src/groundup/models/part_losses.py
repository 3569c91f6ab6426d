"""The losses of a GPT without each of its parts, many parts in one pass.

`groundup.steps.c7_beyond.ablation` runs the whole model once per part. Two things save most of that: the blocks before
a part compute what they always do, so their result is kept; and the parts of one block are switched off side by side,
as rows of one batch, each with factors of its own: 0 for what is off, and 1 for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.transformer import Block
from groundup.steps.c7_beyond.ablation import Part, list_parts
from groundup.steps.c7_beyond.logit_lens import read_stream

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "ablation": "tests/models/test_part_losses.py::test_every_part_costs_what_the_step_measures",
}
# Numbers in the largest tensor of a pass: with more parts side by side they no longer fit into the processor's cache.
MOST_NUMBERS = 1_000_000


@torch.inference_mode()
def measure_parts(
    model: GPT, inputs: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"]
) -> Iterator[tuple[list[Part], Float[Tensor, "part token"]]]:
    """Yield the loss of every token without some parts, each switched off alone, until all parts were.

    Parameters
    ----------
    model : GPT
        In evaluation mode.
    inputs, targets : Tensor
        int64, B×T: the tokens, and the token after each of them.

    Yields
    ------
    parts : list of Part
        Which; none the first time, for the losses of the whole model.
    losses : Tensor, shape (parts, B · T)
        In nats; one row the first time.
    """
    calls: list[tuple[Any, ...]] = []
    with ExitStack() as hooks:
        for block in model.blocks:
            hooks.callback(block.register_forward_pre_hook(lambda _, given: calls.append(given)).remove)
        logits = model(inputs)
    yield [], token_losses(logits, targets)
    settings, every = model.settings, list_parts(model)
    widest = max(settings.vocabulary, settings.heads * inputs.shape[1], settings.hidden)
    at_once = max(1, MOST_NUMBERS // (inputs.numel() * widest))
    for layer, (stream, *rest) in enumerate(calls):
        own = [part for part in every if part.layer == layer]
        for first in range(0, len(own), at_once):
            parts = own[first : first + at_once]
            x = _run_without(model.blocks[layer], parts, settings.head_width, stream, rest)
            for block in model.blocks[layer + 1 :]:
                x = block(x, *rest)
            yield parts, token_losses(read_stream(model, x), targets)


def token_losses(
    logits: Float[Tensor, "row time vocabulary"], targets: Int[Tensor, "batch time"]
) -> Float[Tensor, "part token"]:
    """Return the loss of every token, in nats: a row for each time that the logits hold the whole batch."""
    wanted = targets.flatten().repeat(len(logits) // len(targets))
    losses = functional.cross_entropy(logits.flatten(0, 1), wanted, reduction="none")
    return losses.view(-1, targets.numel())


def _run_without(
    block: nn.Module, parts: Sequence[Part], head_width: int, stream: Tensor, rest: Sequence[Any]
) -> Float[Tensor, "row time channel"]:
    """Return the stream after a block, once for each of its parts that is off, one below the other."""
    rows, x = len(stream), stream.repeat(len(parts), 1, 1)
    if not isinstance(block, Block | PlainBlock):
        return x  # of a learner's block only the whole is known
    outputs = {"attention": x.new_ones(len(parts)), "feed-forward": x.new_ones(len(parts))}
    width = max([0, *(part.head + 1 for part in parts if part.kind == "head")]) * head_width
    channels = x.new_ones(len(parts), width)
    for place, part in enumerate(parts):
        if part.kind == "head":
            channels[place, part.head * head_width : (part.head + 1) * head_width] = 0
        else:
            for name in outputs if part.kind == "block" else (part.kind,):
                outputs[name][place] = 0

    def weaken_heads(_: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        joined = given[0].clone()
        joined[..., :width] *= channels.repeat_interleave(rows, 0)[:, None]
        return (joined,)

    with ExitStack() as hooks:
        if width:
            hooks.callback(block.attention.output.register_forward_pre_hook(weaken_heads).remove)
        for name, module in (("attention", block.attention), ("feed-forward", block.feed_forward)):
            factors = outputs[name].repeat_interleave(rows)[:, None, None]
            hook = module.register_forward_hook(lambda _, __, output, factors=factors: output * factors)
            hooks.callback(hook.remove)
        return block(x, *rest)
