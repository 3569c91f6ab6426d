"""Handwritten digits and a small network for them, for the lessons that train one."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from groundup.data.images.images import load_builtin
from groundup.steps.c4_training.network import Network

TRAINED, VALIDATED = 1000, 400
NEW = slice(TRAINED, TRAINED + VALIDATED)


@lru_cache(maxsize=1)
def load_digits() -> tuple[Tensor, Tensor]:
    """Return the built-in handwritten digits in a fixed random order: pixels from 0 to 1, and labels."""
    images = load_builtin()
    pixels = torch.from_numpy(images.pixels.copy()).float().flatten(1) / 255
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order], torch.from_numpy(images.labels)[order]


def make_network() -> Network:
    """Return a network 784-32-10 before its training, always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Network([784, 32, 10])


def shuffle(epochs: int, batch: int) -> list[Tensor]:
    """Return the batches of some epochs, one after another: which of the training digits each of them takes."""
    order = torch.Generator().manual_seed(0)
    return [rows for _ in range(epochs) for rows in torch.randperm(TRAINED, generator=order).split(batch)]
