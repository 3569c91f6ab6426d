"""Windows of tokens to train and to measure a language model on.

A window of ``context + 1`` tokens gives ``context`` lessons at once: the inputs are the window without its last token,
the targets the same shifted by one. Each pass over the text cuts it into windows at a fresh offset and takes every
window once, in a shuffled order. Which windows a step takes is a function of the seed and the step's number alone, so
a run that was killed continues with the same batch that it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from groundup.base.errors import UserError

_STEPS_AT_ONCE = 64

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "batches": "tests/data/corpus/test_windows.py::test_windows_are_those_of_the_course",
}


class Tokens(Protocol):
    """A long row of token numbers, in memory or on disk."""

    def __len__(self) -> int:
        """Return how many there are."""

    def take(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return ``length`` tokens from each start, int64 ``[starts, length]``."""


class TokenRow:
    """Token numbers in one array, which may be memory-mapped."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.array)

    def take(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return ``length`` tokens from each start, int64."""
        return self.array[starts[:, None] + np.arange(length)].astype(np.int64)


class TokenSpan:
    """The tokens from ``start`` to ``end`` of a longer row, without a copy."""

    def __init__(self, tokens: Tokens, start: int, end: int) -> None:
        self.tokens, self.start, self.end = tokens, start, end

    def __len__(self) -> int:
        """Return how many there are."""
        return self.end - self.start

    def take(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return ``length`` tokens from each start, int64."""
        return self.tokens.take(starts + self.start, length)


class TrainingWindows:
    """Batches to train on, by the step's number.

    Parameters
    ----------
    tokens : Tokens
        The training text.
    context : int
        How many tokens the model sees at once.
    batch_size : int
        How many windows a batch has.
    seed : int
        Which order.
    device : str
        Where the batches go.
    name : str
        What the text is called, for the error.

    Raises
    ------
    UserError
        There are not even ``context + 1`` tokens.

    Examples
    --------
    >>> windows = TrainingWindows(TokenRow(np.arange(50)), context=4, batch_size=2, seed=0)
    >>> inputs, targets = windows.batch(7)
    >>> inputs.shape, bool((targets == inputs + 1).all())
    (torch.Size([2, 4]), True)
    """

    def __init__(
        self,
        tokens: Tokens,
        context: int,
        batch_size: int,
        seed: int,
        device: str = "cpu",
        name: str = "The training text",
    ) -> None:
        if len(tokens) < context + 1:
            smaller = max(0, (len(tokens) - 1) // 2)
            remedy = f"Give more text, or a smaller context: --set context={smaller}" if smaller else "Give more text."
            raise UserError(
                f"{name} has {len(tokens)} tokens, fewer than the {context + 1} that context={context} needs. {remedy}"
            )
        self.tokens, self.context, self.batch_size, self.seed, self.device = tokens, context, batch_size, seed, device
        self.per_pass = max(1, (len(tokens) - context) // context)
        self._block = -1
        self._starts = np.empty(0, dtype=np.int64)

    def starts(self, step: int) -> np.ndarray:
        """Return where the windows of a step begin."""
        block, place = divmod(step, _STEPS_AT_ONCE)
        if block != self._block:
            count = _STEPS_AT_ONCE * self.batch_size
            items = np.arange(block * count, (block + 1) * count)
            passes = items // self.per_pass
            self._starts = np.concatenate(
                [self._starts_in_pass(number, items[passes == number]) for number in np.unique(passes)]
            )
            self._block = block
        return self._starts[place * self.batch_size : (place + 1) * self.batch_size]

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs and targets, int64 ``[batch, time]`` each."""
        windows = torch.from_numpy(self.tokens.take(self.starts(step), self.context + 1)).to(self.device)
        return windows[:, :-1], windows[:, 1:]

    def _starts_in_pass(self, number: int, items: np.ndarray) -> np.ndarray:
        keys = np.random.SeedSequence([self.seed, int(number)]).generate_state(5, np.uint64)
        room = min(self.context, len(self.tokens) - self.per_pass * self.context)
        offset = int(keys[4] % np.uint64(room))
        return offset + self.context * shuffle(items % self.per_pass, self.per_pass, keys[:4])


def measuring_windows(
    tokens: Tokens, context: int, windows_at_once: int, most_tokens: int | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets that ask for every token of a text once, but for its first.

    The text is cut into consecutive windows; what is left at the end comes as one shorter window. Of a text
    of more than ``most_tokens`` only some windows come, evenly spaced and always the same.

    Examples
    --------
    >>> [tuple(targets.shape) for _, targets in measuring_windows(TokenRow(np.arange(12)), 3, 2)]
    [(2, 3), (1, 3), (1, 2)]
    >>> [inputs[:, 0].tolist() for inputs, _ in measuring_windows(TokenRow(np.arange(100)), 3, 2, most_tokens=9)]
    [[0, 33], [66]]
    """
    whole, chosen, left = _choose_windows(len(tokens), context, most_tokens)
    for first in range(0, chosen, windows_at_once):
        places = np.arange(first, min(chosen, first + windows_at_once), dtype=np.int64)
        windows = torch.from_numpy(tokens.take(places * whole // chosen * context, context + 1))
        yield windows[:, :-1], windows[:, 1:]
    if left:
        window = torch.from_numpy(tokens.take(np.array([whole * context]), left + 1))
        yield window[:, :-1], window[:, 1:]


def count_targets(tokens: int, context: int, most_tokens: int | None = None) -> int:
    """Return how many tokens `measuring_windows` asks for, of a text of so many.

    Examples
    --------
    >>> count_targets(12, 3), count_targets(100, 3, most_tokens=10)
    (11, 9)
    """
    _, chosen, left = _choose_windows(tokens, context, most_tokens)
    return chosen * context + left


def _choose_windows(tokens: int, context: int, most_tokens: int | None) -> tuple[int, int, int]:
    """Return how many whole windows there are, how many of them are taken, and how long the shorter one is."""
    whole, left = divmod(tokens - 1, context)
    if most_tokens is None or tokens - 1 <= most_tokens or not whole:
        return whole, whole, left
    return whole, max(1, most_tokens // context), 0


def shuffle(places: np.ndarray, count: int, keys: np.ndarray) -> np.ndarray:
    """Return where a shuffle of ``count`` things puts each of ``places``, without a table of the whole shuffle.

    A Feistel network of four rounds is a bijection of the numbers of 2h bits for any round function; walking on until
    the number is below ``count`` makes it one of 0 … count − 1 (Black and Rogaway, "Ciphers with arbitrary finite
    domains", 2002). So a text of any length is shuffled in no memory.

    Parameters
    ----------
    places : ndarray
        Numbers from 0 to ``count − 1``.
    count : int
        How many things are shuffled.
    keys : ndarray
        Four uint64: which shuffle.

    Examples
    --------
    >>> sorted(shuffle(np.arange(5), 5, np.arange(4, dtype=np.uint64)).tolist())
    [0, 1, 2, 3, 4]
    """
    half = np.uint64(max(1, ((count - 1).bit_length() + 1) // 2))
    result = _feistel(places.astype(np.uint64), half, keys)
    outside = result >= count
    while outside.any():
        result[outside] = _feistel(result[outside], half, keys)
        outside = result >= count
    return result.astype(np.int64)


def _feistel(numbers: np.ndarray, half: np.uint64, keys: np.ndarray) -> np.ndarray:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for key in keys:
        mixed = (right + key) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        left, right = right, left ^ ((mixed ^ (mixed >> np.uint64(32))) & mask)
    return (left << half) | right
