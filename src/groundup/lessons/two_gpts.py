"""Two small GPTs that train on the same batches, so that what differs between them shows in their losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import torch
from jaxtyping import Int
from torch import Tensor, nn

from groundup.data.corpus.texts import read_text
from groundup.lessons.reading import number_characters
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.steps.c6_gpt.gpt_training import next_token_loss

CONTEXT, BATCH, RATE, DECAY, STEPS = 32, 16, 3e-3, 0.01, 240
PER_FRAME = 2
MOST_READ = 200_000


@cache
def read_characters() -> tuple[CharacterVocabulary, Int[Tensor, " token"]]:
    """Return the beginning of the built-in text as characters: the vocabulary and the numbers."""
    content = read_text("python-reference").content[:MOST_READ]
    characters = CharacterVocabulary(content)
    return characters, number_characters(characters, content)


def train_two(models: Sequence[nn.Module]) -> Iterator[tuple[int, list[list[float]]]]:
    """Train models on the same batches, each with an Adam of its own.

    Yields
    ------
    tuple of int and list
        Every second step, from 0, and for each step so far its number and the loss of each model.
    """
    _, data = read_characters()
    optimizers = [Adam(model.parameters(), RATE, weight_decay=DECAY) for model in models]
    generator = torch.Generator().manual_seed(1)
    losses: list[list[float]] = []
    for step in range(STEPS + 1):
        inputs, targets = create_batches(data, CONTEXT, BATCH, generator)
        row = [float(step)]
        for model, optimizer in zip(models, optimizers, strict=True):
            optimizer.zero_grad()
            loss = next_token_loss(model, inputs, targets)
            loss.backward()
            row.append(loss.item())
            optimizer.step()
        losses.append(row)
        if step % PER_FRAME == 0:
            yield step, losses


def average_last(losses: Sequence[Sequence[float]], steps: int) -> list[float]:
    """Return each model's mean loss over the last steps."""
    last = losses[-steps:]
    return [sum(row[1 + which] for row in last) / len(last) for which in range(len(losses[0]) - 1)]
