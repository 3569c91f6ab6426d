"""Tensors: numbers in a box with numbered sides (dimensions), and the few moves every network is made of.

A shape reads from the outside in: ``(3, 2)`` is three rows of two. A dimension that is summed or averaged over
disappears; the others stay.
"""

from __future__ import annotations

import torch
from jaxtyping import Shaped
from torch import Tensor


def reshape_to_pairs(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "half_the_numbers 2"]:
    """Lay M × N numbers out anew as (M·N/2) × 2, in reading order.

    Raises
    ------
    ValueError
        An odd count of numbers makes no pairs.

    Examples
    --------
    >>> reshape_to_pairs(torch.tensor([[1, 2, 3, 4]])).tolist()
    [[1, 2], [3, 4]]
    """
    if x.numel() % 2:
        raise ValueError(f"{' × '.join(map(str, x.shape))} = {x.numel()} numbers cannot be laid out in pairs")
    return x.reshape(-1, 2)


def average_columns(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "column"]:
    """Average each column: the rows (dimension 0) disappear.

    Examples
    --------
    >>> average_columns(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    tensor([2., 4.])
    """
    return x.mean(dim=0)


def sum_rows(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "row"]:
    """Sum along each row: the columns (dimension 1) disappear, a number a row is left.

    Examples
    --------
    >>> sum_rows(torch.tensor([[1, 2], [3, 6]]))
    tensor([3, 9])
    """
    return x.sum(dim=1)


def join_columns(
    left: Shaped[Tensor, "row left_column"], right: Shaped[Tensor, "row right_column"]
) -> Shaped[Tensor, "row both_columns"]:
    """Put two tables of as many rows side by side.

    Examples
    --------
    >>> join_columns(torch.tensor([[1], [2]]), torch.tensor([[3, 4], [5, 6]])).tolist()
    [[1, 3, 4], [2, 5, 6]]
    """
    return torch.cat([left, right], dim=1)


def drop_side_of_one(x: Shaped[Tensor, "row 1"]) -> Shaped[Tensor, "row"]:
    """Turn M × 1 into M: squeeze takes a side of length one away, and no number changes."""
    return x.squeeze(1)


def add_side_of_one(x: Shaped[Tensor, "row"], dim: int = 1) -> Shaped[Tensor, "..."]:
    """Turn M into M × 1 (``dim=1``) or 1 × M (``dim=0``): unsqueeze adds a side of length one.

    Between an M and an M × 1, subtraction broadcasts to M × M without a word; giving both the same shape first is
    what keeps a loss right.
    """
    return x.unsqueeze(dim)
