r"""Packing: several short examples in one row of a batch, none of which sees another.

The rows of a batch all have T positions, and an example that is shorter leaves the rest of its row empty: computed, and
thrown away. Packing puts examples one after the other into a row until it is full. Three things keep them apart:

* the targets are made before: the last input of an example has that example's own last token as its target, not the
  first token of the example behind it;
* the mask M allows a query to use a key only if both are of the same example, and the key is not after the query:
  M is 0 there, and −∞ elsewhere, in the place of the causal mask of `groundup.steps.c6_gpt.attention`;
* the positions begin at 0 in each example. (Rotary positions need not: only their differences count.)

So an example's logits are those that it would have alone in its row. Which examples share a row does not matter for
what is learned; to fill rows well, each example, the longest first, goes into the row in which the least room is left
that is enough (best-fit decreasing; Johnson, "Near-optimal bin packing algorithms", 1973).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from groundup.steps.c7_beyond.answer_loss import IGNORED


def pack_examples(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Return which examples share a row.

    Parameters
    ----------
    lengths : sequence of int
        The number of tokens of each example, at most ``room``.
    room : int
        T, the positions of a row.

    Returns
    -------
    list of list of int
        For each row the places of its examples in ``lengths``; each example is in one row.

    Examples
    --------
    >>> pack_examples([3, 5, 2, 4], room=6)
    [[1], [3, 2], [0]]
    """
    rows: list[list[int]] = []
    left_in: defaultdict[int, list[int]] = defaultdict(list)  # room that is left → rows with so much
    lefts: list[int] = []  # its keys that have rows, in order
    for example in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        length = lengths[example]
        if length > room:
            raise ValueError(f"an example of {length} tokens does not fit into {room}")
        place = bisect_left(lefts, length)
        if place < len(lefts):
            left = lefts[place]
            row = left_in[left].pop()
            if not left_in[left]:
                lefts.pop(place)
        else:
            left, row = room, len(rows)
            rows.append([])
        rows[row].append(example)
        if not left_in[left - length]:
            insort(lefts, left - length)
        left_in[left - length].append(row)
    return rows


def fill_row(
    examples: Sequence[tuple[Int[Tensor, " _"], Int[Tensor, " _"]]], room: int
) -> tuple[Int[Tensor, " time"], Int[Tensor, " time"], Int[Tensor, " time"]]:
    """Return a row with examples in it, one after the other.

    Parameters
    ----------
    examples : sequence of (Tensor, Tensor)
        The inputs of each example, and its targets; together they fit.
    room : int
        T, the positions of the row.

    Returns
    -------
    tokens, numbers, targets : Tensor of int64
        The inputs, the number of the example that each belongs to, from 1, and the targets. Where the row is empty,
        tokens and numbers are 0, and no target counts.

    Examples
    --------
    >>> first = torch.tensor([5, 6]), torch.tensor([6, 7])
    >>> tokens, numbers, targets = fill_row([first, (torch.tensor([8]), torch.tensor([9]))], room=4)
    >>> tokens.tolist(), numbers.tolist(), targets.tolist()
    ([5, 6, 8, 0], [1, 1, 2, 0], [6, 7, 9, -100])
    """
    tokens = torch.zeros(room, dtype=torch.int64)
    numbers, targets = torch.zeros_like(tokens), torch.full_like(tokens, IGNORED)
    begin = 0
    for number, (inputs, following) in enumerate(examples, start=1):
        end = begin + len(inputs)
        tokens[begin:end], numbers[begin:end], targets[begin:end] = inputs, number, following
        begin = end
    return tokens, numbers, targets


def separate_examples(numbers: Int[Tensor, "*batch time"]) -> Bool[Tensor, "*batch time time"]:
    """Return True where a query (row) may use a key (column): of the same example, and not after it.

    Parameters
    ----------
    numbers : Tensor of int
        The number of the example to which each position belongs.

    Examples
    --------
    >>> separate_examples(torch.tensor([1, 1, 2])).int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [0, 0, 1]], dtype=torch.int32)
    """
    same = numbers[..., :, None] == numbers[..., None, :]
    return same.tril()


def count_positions(numbers: Int[Tensor, "*batch time"]) -> Int[Tensor, "*batch time"]:
    """Return each token's position in its own example, from 0.

    Examples
    --------
    >>> count_positions(torch.tensor([1, 1, 2, 2, 2]))
    tensor([0, 1, 0, 1, 2])
    """
    places = torch.arange(numbers.shape[-1], device=numbers.device).expand(numbers.shape)
    begins = torch.ones_like(numbers, dtype=torch.bool)
    begins[..., 1:] = numbers[..., 1:] != numbers[..., :-1]
    return places - places.where(begins, torch.zeros_like(places)).cummax(dim=-1).values
