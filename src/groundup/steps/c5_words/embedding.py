"""An embedding: a table with one learned vector per word, looked up by the word's number.

Looking up row i gives the same as multiplying the one-hot vector of i by the table,

    E[i] = one_hot(i) @ E,

but the look-up reads one row, and the matrix product reads the whole table. The similarity of two vectors is measured
by the cosine of their angle, a·b / (|a|·|b|), because the dot product a·b also grows with the vectors' lengths.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional


def look_up(
    table: Float[Tensor, "vocabulary channel"], words: Int[Tensor, "*batch"]
) -> Float[Tensor, "*batch channel"]:
    """Return each word's row of the table.

    Raises
    ------
    IndexError
        A word's number is V or more.

    Examples
    --------
    >>> look_up(torch.tensor([[0.0, 0.0], [1.0, 2.0]]), torch.tensor([[1, 0, 1]]))
    tensor([[[1., 2.],
             [0., 0.],
             [1., 2.]]])
    """
    return table[words]


class Embedding(nn.Module):
    """A table with one learned row per word, as a layer.

    Parameters
    ----------
    vocabulary : int
        V, the number of words.
    width : int
        d, the channels of a word's vector.

    Attributes
    ----------
    weight : Parameter, shape (V, d)
        Drawn from a normal distribution with mean 0 and standard deviation 1, PyTorch's default.

    Examples
    --------
    >>> Embedding(65, 8)(torch.tensor([[3, 0, 3]])).shape
    torch.Size([1, 3, 8])
    """

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocabulary, width).normal_())

    def forward(self, words: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch channel"]:
        """Return each word's row of the table."""
        # The same as `look_up`; its gradient is summed row by row, which is faster than for an index.
        return functional.embedding(words, self.weight)

    def extra_repr(self) -> str:
        """Return the sizes, shown when the model is printed."""
        vocabulary, width = self.weight.shape
        return f"{vocabulary}, {width}"


def one_hot(words: Int[Tensor, "batch time"], vocabulary_size: int) -> Float[Tensor, "batch time vocabulary"]:
    """Return one vector per word: 1 at the word's number and 0 elsewhere.

    Examples
    --------
    >>> one_hot(torch.tensor([[2]]), 3)
    tensor([[[0., 0., 1.]]])
    """
    return (words.unsqueeze(-1) == torch.arange(vocabulary_size)).float()


def measure_cosines(
    table: Float[Tensor, "vocabulary channel"], vector: Float[Tensor, " channel"]
) -> Float[Tensor, " vocabulary"]:
    """Return the cosine between each row and a vector: 1 same direction, 0 at right angles, -1 opposite direction.

    The zero vector has no direction; its cosine is given as 0.

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
    """Return the rows with the largest cosine to one row, largest first, without the row itself.

    Parameters
    ----------
    table : Tensor
        V×d: one vector per word.
    row : int
        The row whose neighbors are found.
    count : int
        The number of neighbors; fewer are returned if the table is smaller.

    Returns
    -------
    rows, cosines : Tensor, Tensor
        The neighbors' numbers and their cosines. Rows with equal cosines are in ascending order.
    """
    cosines = measure_cosines(table, table[row])
    order = torch.argsort(cosines, descending=True, stable=True)
    order = order[order != row][:count]
    return order, cosines[order]
