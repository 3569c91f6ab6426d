"""An embedding: one learned vector a word, looked up by the word's number.

Looking up row i is multiplying by the one-hot vector of i,

    E[i] = one_hot(i) · E,

written without the zeros: the matrix product reads the whole table, the look-up one row. How alike two vectors are
is measured by the cosine of their angle, a·b / (|a|·|b|): their dot product a·b also grows with their lengths.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def look_up(
    table: Float[Tensor, "vocabulary channel"], words: Int[Tensor, "*batch"]
) -> Float[Tensor, "*batch channel"]:
    """Return each word's row of the table.

    Raises
    ------
    IndexError
        A number is not below the vocabulary's size.

    Examples
    --------
    >>> look_up(torch.tensor([[0.0, 0.0], [1.0, 2.0]]), torch.tensor([[1, 0, 1]]))
    tensor([[[1., 2.],
             [0., 0.],
             [1., 2.]]])
    """
    return table[words]


def one_hot(words: Int[Tensor, "batch time"], vocabulary_size: int) -> Float[Tensor, "batch time vocabulary"]:
    """Return vectors of zeros with a single one, at each word's number.

    Examples
    --------
    >>> one_hot(torch.tensor([[2]]), 3)
    tensor([[[0., 0., 1.]]])
    """
    return (words.unsqueeze(-1) == torch.arange(vocabulary_size)).float()


def measure_cosines(
    table: Float[Tensor, "vocabulary channel"], vector: Float[Tensor, " channel"]
) -> Float[Tensor, " vocabulary"]:
    """Return the cosine between each row and a vector: 1 same direction, 0 at right angles, -1 opposite.

    The zero vector has no direction; its cosine with anything is given as 0.

    Examples
    --------
    >>> measure_cosines(torch.tensor([[3.0, 0.0], [0.0, 9.0], [-1.0, 0.0]]), torch.tensor([2.0, 0.0]))
    tensor([ 1.,  0., -1.])
    """
    lengths = table.norm(dim=1) * vector.norm()
    return torch.where(lengths > 0, table @ vector / lengths.clamp(min=torch.finfo(table.dtype).tiny), 0.0)


def find_nearest(
    table: Float[Tensor, "vocabulary channel"], row: int, count: int
) -> tuple[Int[Tensor, " found"], Float[Tensor, " found"]]:
    """Return the rows most alike to one row by cosine, nearest first, the row itself left out.

    Parameters
    ----------
    table : Tensor
        V×C vectors.
    row : int
        Whose neighbours.
    count : int
        How many; fewer where the table is smaller.

    Returns
    -------
    rows, cosines : Tensor, Tensor
        Equal cosines come in the order of their rows.
    """
    cosines = measure_cosines(table, table[row])
    order = torch.argsort(cosines, descending=True, stable=True)
    order = order[order != row][:count]
    return order, cosines[order]
