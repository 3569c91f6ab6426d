"""Which examples each step sees: every example once an epoch, in an order of its own each time."""

from __future__ import annotations

import torch
from torch import Tensor


class Shuffle:
    """The places of the examples in each step's batch, as a pure function of the step's number.

    A resumed run asks for the same step and gets the same batch: nothing about the order needs saving. The
    examples that do not fill a last batch sit out that epoch; it is other ones each time.

    Parameters
    ----------
    count : int
        How many examples there are.
    batch_size : int
        Examples a step; no more than there are.
    seed : int
        Decides every order.

    Attributes
    ----------
    steps_per_epoch : int
        Whole batches in one pass over the examples.

    Examples
    --------
    >>> shuffle = Shuffle(count=6, batch_size=3, seed=0)
    >>> sorted(torch.cat([shuffle(0), shuffle(1)]).tolist())
    [0, 1, 2, 3, 4, 5]
    >>> torch.equal(shuffle(7), Shuffle(6, 3, 0)(7))
    True
    """

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        if count < 1 or batch_size < 1:
            raise ValueError(f"count = {count}, batch_size = {batch_size}: both must be at least 1")
        self.count, self.seed = count, seed
        self.batch_size = min(batch_size, count)
        self.steps_per_epoch = count // self.batch_size
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def __call__(self, step: int) -> Tensor:
        """Return the places in the batch of one step, int64, shape (batch_size,)."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._order = torch.randperm(self.count, generator=step_generator(self.seed, epoch))
            self._epoch = epoch
        return self._order[place * self.batch_size : (place + 1) * self.batch_size]


def step_generator(seed: int, number: int) -> torch.Generator:
    """Return a generator that depends on the seed and a step's (or an epoch's) number only.

    Examples
    --------
    >>> torch.equal(torch.rand(3, generator=step_generator(1, 2)), torch.rand(3, generator=step_generator(1, 2)))
    True
    """
    # An odd multiplier sends different pairs to different 64-bit seeds for every number below 2**32.
    return torch.Generator().manual_seed((seed * 0x9E3779B97F4A7C15 + number) % 2**63)
