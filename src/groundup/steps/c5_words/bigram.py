r"""A bigram model: the next token is predicted from the token before it, with a table of counts.

n_ij is how often token j directly follows token i in a text. Dividing each row by its sum gives the probabilities

.. math:: p(j \mid i) = \frac{n_{ij}}{\sum_k n_{ik}}

They are the best that a model can have that sees one token: no other table has a smaller cross-entropy on the same text
(Shannon, "A mathematical theory of communication", 1948, section 3, writes English letters in this way).

A pair that never occurred gets the probability 0. Adding α to each count avoids this (Laplace, "Essai philosophique sur
les probabilités", 1814, adds 1; Jurafsky and Martin, "Speech and language processing", section 3.6):

.. math:: p(j \mid i) = \frac{n_{ij} + \alpha}{\sum_k n_{ik} + \alpha V}

The same table can be learned. `BigramModel` holds one logit z_ij per pair, and gradient descent on the loss of the next
token brings the softmax of each row to the counted probabilities. With N pairs, the gradient is

.. math:: \frac{\partial L}{\partial z_{ij}} = \frac{1}{N} \left( p_{ij} \sum_k n_{ik} - n_{ij} \right)

which is 0 where p_ij is the counted probability.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def count_pairs(tokens: Int[Tensor, " time"], vocabulary: int) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return how often each token (column) directly follows each token (row), V×V.

    Examples
    --------
    >>> import torch
    >>> count_pairs(torch.tensor([0, 1, 0, 1, 1]), 2).int().tolist()
    [[0, 2], [1, 1]]
    """
    pairs = tokens[:-1].long() * vocabulary + tokens[1:]
    return torch.bincount(pairs, minlength=vocabulary**2).view(vocabulary, vocabulary).double()


def find_shares(
    counts: Float[Tensor, "vocabulary vocabulary"], smoothing: float | int = 0.0
) -> Float[Tensor, "vocabulary vocabulary"]:
    """Add α (``smoothing``) to each count, and divide each row by its sum; a row whose sum is 0 becomes even.

    Examples
    --------
    >>> find_shares(torch.tensor([[1.0, 3.0], [0.0, 0.0]]))
    tensor([[0.2500, 0.7500],
            [0.5000, 0.5000]])
    >>> find_shares(torch.tensor([[1.0, 3.0], [0.0, 2.0]]), smoothing=1.0)
    tensor([[0.3333, 0.6667],
            [0.2500, 0.7500]])
    """
    smoothed = counts + smoothing
    sums = smoothed.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, smoothed / sums, 1 / counts.shape[1])


def measure_loss(
    shares: Float[Tensor, "vocabulary vocabulary"], counts: Float[Tensor, "vocabulary vocabulary"]
) -> float:
    """Return the mean of −log p over all counted pairs, in nats; infinite where a counted pair has probability 0.

    Examples
    --------
    >>> counts = torch.tensor([[0.0, 2.0], [1.0, 1.0]])
    >>> round(measure_loss(find_shares(counts), counts), 4)
    0.3466
    """
    losses = torch.where(counts > 0, -counts * shares.log(), 0.0)
    return float(losses.sum() / counts.sum())


class BigramModel(nn.Module):
    """A table of logits: row i holds the scores of all tokens after token i, at first all 0.

    Parameters
    ----------
    vocabulary : int
        V, the number of different tokens.

    Examples
    --------
    >>> BigramModel(4)(torch.tensor([[0, 3, 1]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(vocabulary, vocabulary))

    def forward(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Return the logits of the next token at each position, B×T×V."""
        return self.table[tokens]


def measure_table_loss(
    table: Float[Tensor, "vocabulary vocabulary"], counts: Float[Tensor, "vocabulary vocabulary"]
) -> float:
    """Return the loss of a table of logits, in nats: the mean of −log softmax over all counted pairs."""
    return float(-(counts * table.log_softmax(dim=1)).sum() / counts.sum())


def find_table_gradient(
    table: Float[Tensor, "vocabulary vocabulary"], counts: Float[Tensor, "vocabulary vocabulary"]
) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return the gradient of `measure_table_loss` along the table, V×V.

    Examples
    --------
    >>> find_table_gradient(torch.zeros(2, 2), torch.tensor([[0.0, 2.0], [1.0, 1.0]]))
    tensor([[ 0.2500, -0.2500],
            [ 0.0000,  0.0000]])
    """
    predicted = counts.sum(dim=1, keepdim=True) * table.softmax(dim=1)
    return (predicted - counts) / counts.sum()


def learn_table(
    counts: Float[Tensor, "vocabulary vocabulary"], steps: int, rate: float | int
) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return the logits after some steps of gradient descent from 0, with learning rate ``rate``."""
    table = torch.zeros_like(counts)
    for _ in range(steps):
        table = table - rate * find_table_gradient(table, counts)
    return table
