"""Two small GPTs in training: one complete, one without some parts of its blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.lessons.two_gpts import CONTEXT, PER_FRAME, STEPS, average_last, read_characters, train_two
from groundup.steps.c6_gpt.plain_gpt import PlainBlock, PlainGPT

BLOCKS, WIDTH = 6, 32


class SwitchedBlock(nn.Module):
    """The step's block with parts left out."""

    def __init__(self, block: PlainBlock, residual: bool, norm: bool, attention: bool, feed_forward: bool) -> None:
        super().__init__()
        self.block, self.residual, self.norm = block, residual, norm
        self.attention, self.feed_forward = attention, feed_forward

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the stream after this block."""
        block = self.block
        for wanted, norm, part in (
            (self.attention, block.first_norm, block.attention),
            (self.feed_forward, block.second_norm, block.feed_forward),
        ):
            if wanted:
                added = part(norm(x) if self.norm else x)
                x = x + added if self.residual else added
        return x


def build(vocabulary: int, residual: bool, norm: bool, attention: bool, feed_forward: bool) -> PlainGPT:
    """Return a small plain GPT without the parts that are off; the first weights are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = PlainGPT(vocabulary, CONTEXT, WIDTH, BLOCKS, heads=4, dropout=0.0)
    model.blocks = nn.ModuleList(
        SwitchedBlock(block, residual, norm, attention, feed_forward)
        for block in model.blocks
        if isinstance(block, PlainBlock)
    )
    return model


def measure_gradients(model: PlainGPT) -> list[float]:
    """Return the size of each block's gradient, the first block first."""
    sizes = []
    for block in model.blocks:
        slopes = [parameter.grad.square().sum() for parameter in block.parameters() if parameter.grad is not None]
        sizes.append(float(torch.stack(slopes).sum().sqrt()) if slopes else 0.0)
    return sizes


def train_both(residual: bool, norm: bool, attention: bool, feed_forward: bool) -> Iterator[dict[str, Any]]:
    """Train the complete model and the one without some parts on the same batches, a frame for every second step.

    Yields
    ------
    dict
        ``step``, ``steps``; ``losses``: for each frame so far the step and both losses, the complete model's first;
        ``gradients``: the size of each block's gradient in both; ``letters``, the loss of a model that knows how often
        each character occurs; ``off``; ``says``.
    """
    characters, data = read_characters()
    shares = torch.bincount(data).double() / len(data)
    letters = float(-(shares * shares.clamp(min=1e-12).log()).sum())
    models = (
        build(len(characters), True, True, True, True),
        build(len(characters), residual, norm, attention, feed_forward),
    )
    names = {"residual": residual, "norm": norm, "attention": attention, "feed-forward": feed_forward}
    off = [name for name, on in names.items() if not on]
    without = f"without {' and '.join(off)}" if off else "the same, since nothing is switched off"
    for step, losses in train_two(models):
        recent = average_last(losses, 10)
        yield {
            "step": step,
            "steps": STEPS,
            "losses": losses[::PER_FRAME],
            "gradients": [measure_gradients(model) for model in models],
            "letters": letters,
            "off": off,
            "says": f"Step {step} of {STEPS}. Loss: complete {recent[0]:.2f}, {without} {recent[1]:.2f}.",
        }
