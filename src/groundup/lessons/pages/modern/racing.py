"""Two small GPTs in training: one with the parts of GPT-2's block, one with some of those of today's models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from groundup.lessons.two_gpts import CONTEXT, PER_FRAME, STEPS, average_last, read_characters, train_two
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c5_words.embedding import Embedding
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.normalisation import LayerNorm, RMSNorm
from groundup.steps.c6_gpt.plain_block import FeedForward
from groundup.steps.c6_gpt.positions import rotary_table
from groundup.steps.c6_gpt.transformer import Attention, GatedFeedForward, Rotary

BLOCKS, WIDTH, HEADS = 2, 48, 4
HIDDEN = WIDTH * 8 // 3  # three matrices of this width have as many weights as two of 4 · WIDTH
NAMES = {"norm": "RMSNorm", "positions": "rotary", "gate": "gate", "query_key": "query/key norm"}


class MixedBlock(nn.Module):
    """A block of the course's own parts, each in its old or its new form."""

    def __init__(self, settings: GPTSettings, layer: int, norm: bool, gate: bool) -> None:
        super().__init__()
        make_norm = RMSNorm if norm else LayerNorm
        self.first_norm, self.second_norm = make_norm(settings.width), make_norm(settings.width)
        self.attention = Attention(settings, layer)
        self.feed_forward = GatedFeedForward(settings.width, HIDDEN) if gate else FeedForward(settings.width, 0.0)

    def forward(self, x: Float[Tensor, "batch time channel"], rotary: Rotary) -> Float[Tensor, "batch time channel"]:
        """Return the stream after this block."""
        x = x + self.attention(self.first_norm(x), rotary, None)
        out: Tensor = x + self.feed_forward(self.second_norm(x))
        return out


class MixedGPT(nn.Module):
    """A small GPT; each argument chooses the new form of a part."""

    def __init__(self, vocabulary: int, norm: bool, positions: bool, gate: bool, query_key: bool) -> None:
        super().__init__()
        settings = GPTSettings(vocabulary, CONTEXT, BLOCKS, HEADS, WIDTH, preset="modern", query_key_norm=query_key)
        self.token_embedding = Embedding(vocabulary, WIDTH)
        self.position_embedding = None if positions else Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(MixedBlock(settings, layer, norm, gate) for layer in range(BLOCKS))
        self.final_norm = (RMSNorm if norm else LayerNorm)(WIDTH)
        self.output = Linear(WIDTH, vocabulary)
        cosines, sines = rotary_table(CONTEXT, settings.head_width)
        # Positions that are added turn nothing: all angles are 0.
        self.rotary = (cosines, sines) if positions else (torch.ones_like(cosines), torch.zeros_like(sines))

    def forward(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Return the logits of the next token at each position."""
        x = self.token_embedding(tokens)
        time = tokens.shape[1]
        if self.position_embedding is not None:
            x = x + self.position_embedding(torch.arange(time))
        cosines, sines = self.rotary
        for block in self.blocks:
            x = block(x, (cosines[:time], sines[:time]))
        out: Tensor = self.output(self.final_norm(x))
        return out


def build(vocabulary: int, norm: bool, positions: bool, gate: bool, query_key: bool) -> MixedGPT:
    """Return a model with its first weights; of a choice of parts these are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return MixedGPT(vocabulary, norm, positions, gate, query_key)


def race(norm: bool, positions: bool, gate: bool, query_key: bool) -> Iterator[dict[str, Any]]:
    """Train the model of old parts and that of the chosen ones on the same batches, a frame for every second step.

    Yields
    ------
    dict
        ``step``, ``steps``; ``losses``: for each frame so far the step and both losses, the old model's first;
        ``new``, which parts are new; ``says``.
    """
    characters, _ = read_characters()
    chosen = {"norm": norm, "positions": positions, "gate": gate, "query_key": query_key}
    models = build(len(characters), False, False, False, False), build(len(characters), **chosen)
    new = [NAMES[name] for name, on in chosen.items() if on]
    for step, losses in train_two(models):
        recent = average_last(losses, 20)
        yield {
            "step": step,
            "steps": STEPS,
            "losses": losses[::PER_FRAME],
            "new": new,
            "says": f"Step {step} of {STEPS}. Loss, the mean of 20 steps: old parts {recent[0]:.2f}, "
            f"with {' and '.join(new) or 'no new part'} {recent[1]:.2f}.",
        }
