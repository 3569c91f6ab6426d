"""Batches for a GPT: random windows of a text as inputs, and the same windows shifted by one token as targets.

    inputs  = data[start : start + T]
    targets = data[start + 1 : start + T + 1]

The target of every position is the token after it, so a window of T tokens contains T predictions: the second token
from the first, the third from the first two, and so on (Bengio et al., "A neural probabilistic language model", 2003,
section 2; all positions at once: Vaswani et al., "Attention is all you need", 2017, section 3.1).

The last target of a window must also be in the text, so with N tokens the possible starts are 0 … N - T - 1. The upper
bound for `torch.randint` is therefore N - T, because `torch.randint` excludes its upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import torch
from jaxtyping import Int
from torch import Generator, Tensor

Row = TypeVar("Row", Tensor, list[str])


def draw_starts(
    length: int, context_length: int, batch_size: int, generator: Generator | None = None
) -> Int[Tensor, " batch"]:
    """Draw the start positions of the windows; all positions are equally likely.

    Parameters
    ----------
    length : int
        N, the number of tokens in the data.
    context_length : int
        T, the number of tokens per window.
    batch_size : int
        B, the number of windows.
    generator : torch.Generator, optional
        The random generator; torch's global one by default.

    Returns
    -------
    Tensor
        int64, B: numbers from 0 to N - T - 1.

    Raises
    ------
    ValueError
        The data has at most ``context_length`` tokens, so no window has a target for its last position.
    """
    if length <= context_length:
        raise ValueError(
            f"{length} tokens are too few for windows of {context_length}: at least one more is needed, as a target"
        )
    return torch.randint(length - context_length, (batch_size,), generator=generator)


def take_windows(data: Row, starts: Iterable[int], context_length: int) -> tuple[list[Row], list[Row]]:
    """Return the windows that begin at ``starts``, and the same windows shifted by one token.

    Parameters
    ----------
    data : Tensor or list of str
        N tokens in order.
    starts : iterable of int
        B positions, each from 0 to N - T - 1.
    context_length : int
        T, the number of tokens per window.

    Returns
    -------
    inputs, targets : list
        B windows of T tokens each, of the same type as ``data``.

    Examples
    --------
    >>> take_windows(["to", "be", "or", "not", "to", "be"], [0, 2], context_length=3)
    ([['to', 'be', 'or'], ['or', 'not', 'to']], [['be', 'or', 'not'], ['not', 'to', 'be']])
    """
    starts = list(starts)
    inputs = [data[start : start + context_length] for start in starts]
    targets = [data[start + 1 : start + context_length + 1] for start in starts]
    return inputs, targets


def create_batches(
    data: Int[Tensor, " token"], context_length: int, batch_size: int, generator: Generator | None = None
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch time"]]:
    """Draw a batch of windows from a text of token numbers.

    Parameters
    ----------
    data : Tensor of int, shape (N,)
        The token numbers.
    context_length : int
        T, the number of tokens per window.
    batch_size : int
        B, the number of windows.
    generator : torch.Generator, optional
        The random generator; torch's global one by default.

    Returns
    -------
    inputs, targets : Tensor
        B×T each, with the dtype of ``data``.

    Raises
    ------
    ValueError
        The data has at most ``context_length`` tokens.

    Examples
    --------
    If the data has T + 1 tokens, there is only one window:

    >>> create_batches(torch.tensor([5, 6, 7, 8]), context_length=3, batch_size=2)
    (tensor([[5, 6, 7],
            [5, 6, 7]]), tensor([[6, 7, 8],
            [6, 7, 8]]))
    """
    starts = draw_starts(len(data), context_length, batch_size, generator)
    inputs, targets = take_windows(data, starts.tolist(), context_length)
    return torch.stack(inputs), torch.stack(targets)


def batch_loader(
    raw_dataset: str, context_length: int, batch_size: int, generator: Generator | None = None
) -> tuple[list[list[str]], list[list[str]]]:
    """Draw a batch of windows from a text whose tokens are its words.

    Parameters
    ----------
    raw_dataset : str
        The text; it is split into words at white space.
    context_length : int
        T, the number of words per window.
    batch_size : int
        B, the number of windows.
    generator : torch.Generator, optional
        The random generator; torch's global one by default.

    Returns
    -------
    inputs, targets : list of list of str
        B lists of T words each.

    Raises
    ------
    ValueError
        The text has at most ``context_length`` words.

    Examples
    --------
    >>> batch_loader("darkness my old friend", context_length=3, batch_size=1)
    ([['darkness', 'my', 'old']], [['my', 'old', 'friend']])
    """
    words = raw_dataset.split()
    starts = draw_starts(len(words), context_length, batch_size, generator)
    return take_windows(words, starts.tolist(), context_length)
