"""Tensors: arrays of numbers with numbered dimensions, and the basic operations that every network uses.

A shape lists the dimensions from the outside in: ``(3, 2)`` means 3 rows of 2 numbers, dimension 0 has length 3 and
dimension 1 has length 2. A sum or mean over a dimension removes that dimension; the others stay.
"""

from __future__ import annotations

import torch
from jaxtyping import Shaped
from torch import Tensor


def reshape_to_pairs(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "half_the_numbers 2"]:
    """Reshape M × N numbers to (M·N/2) × 2, in reading order (row by row).

    Raises
    ------
    ValueError
        The number of elements is odd.

    Examples
    --------
    >>> reshape_to_pairs(torch.tensor([[1, 2, 3, 4]])).tolist()
    [[1, 2], [3, 4]]
    """
    if x.numel() % 2:
        raise ValueError(f"{' × '.join(map(str, x.shape))} = {x.numel()} numbers cannot be laid out in pairs")
    return x.reshape(-1, 2)


def average_columns(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "column"]:
    """Average each column: dimension 0 (the rows) disappears; one number per column is left.

    Examples
    --------
    >>> average_columns(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    tensor([2., 4.])
    """
    return x.mean(dim=0)


def sum_rows(x: Shaped[Tensor, "row column"]) -> Shaped[Tensor, "row"]:
    """Sum each row: dimension 1 (the columns) disappears; one number per row is left.

    Examples
    --------
    >>> sum_rows(torch.tensor([[1, 2], [3, 6]]))
    tensor([3, 9])
    """
    return x.sum(dim=1)


def join_columns(
    left: Shaped[Tensor, "row left_column"], right: Shaped[Tensor, "row right_column"]
) -> Shaped[Tensor, "row both_columns"]:
    """Put two tables with the same number of rows side by side.

    Examples
    --------
    >>> join_columns(torch.tensor([[1], [2]]), torch.tensor([[3, 4], [5, 6]])).tolist()
    [[1, 3, 4], [2, 5, 6]]
    """
    return torch.cat([left, right], dim=1)


def drop_side_of_one(x: Shaped[Tensor, "row 1"]) -> Shaped[Tensor, "row"]:
    """Turn shape M × 1 into M: squeeze removes a dimension of length 1; no number changes."""
    return x.squeeze(1)


def add_side_of_one(x: Shaped[Tensor, "row"], dim: int = 1) -> Shaped[Tensor, "..."]:
    """Turn shape M into M × 1 (``dim=1``) or 1 × M (``dim=0``): unsqueeze adds a dimension of length 1.

    Subtracting shape M × 1 from shape M broadcasts to M × M without an error message. Give both the same shape before
    you compute a loss.
    """
    return x.unsqueeze(dim)
