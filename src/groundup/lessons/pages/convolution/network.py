"""The two small networks that the lesson compares; both are trained once, on the same digits, none of them moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import UInt8

from groundup.lessons.pages.digits.network import Reader, open_run
from groundup.lessons.trained import SmallModel, open_small

# Training pictures stay where they are: neither network learns from its data that a digit may move.
STILL = ("vary=0", "precision=float32")
DENSE = SmallModel("digits-dense", "digits", ("hidden=128", "batch_size=128", "epochs=10", *STILL))
CONVOLUTIONAL = SmallModel(
    "digits-convolutional",
    "digits",
    ("network=convolutional", "channels=8", "hidden=64", "batch_size=64", "epochs=6", *STILL),
)
FARTHEST = 6  # pixels
MOVES = tuple(range(-FARTHEST, FARTHEST + 1))


def shift(pixels: UInt8[np.ndarray, "*batch row column"], right: int) -> UInt8[np.ndarray, "*batch row column"]:
    """Move pictures to the right (to the left below 0) by some pixels; paper comes in at the edge."""
    moved = np.zeros_like(pixels)
    width = pixels.shape[-1]
    moved[..., max(0, right) : width + min(0, right)] = pixels[..., max(0, -right) : width - max(0, right)]
    return moved


@dataclass(frozen=True)
class Moved:
    """A network, and how many held-out digits it reads after each move.

    Attributes
    ----------
    reader : Reader
        The network.
    """

    reader: Reader

    @property
    def weights(self) -> int:
        """How many numbers it has learned."""
        return sum(parameter.numel() for parameter in self.reader.recogniser.network.parameters())

    @cached_property
    def right(self) -> list[int]:
        """How many are read rightly after each of `MOVES`."""
        pictures = self.reader.pictures
        answers = (
            self.reader.recogniser.probabilities(shift(pictures.pixels, move)).argmax(1) == pictures.labels
            for move in MOVES
        )
        return [int(right.sum()) for right in answers]


@lru_cache(maxsize=2)
def _open(reader: Reader) -> Moved:
    return Moved(reader)


def open_network(model: SmallModel) -> Moved:
    """Return one of the two networks; errors as of `groundup.lessons.trained.open_small`."""
    return _open(open_run(open_small(model)))
