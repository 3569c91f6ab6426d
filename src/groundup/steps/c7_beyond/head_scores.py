r"""Scores of attention heads: how much of its attention a head puts where a known kind of head puts it.

A is a head's attention weights, one row per query, and T is the number of tokens:

.. math:: \text{previous token} = \frac{1}{T-1} \sum_{i=1}^{T-1} A_{i,\,i-1}, \qquad
          \text{first token} = \frac{1}{T-1} \sum_{i=1}^{T-1} A_{i,\,0}

A previous-token head tells each token what stands before it. A head that looks at the first token mostly rests: the
weights of a row must sum to 1, and a head that has nothing to take puts them there (an attention sink; Xiao et al.,
"Efficient streaming language models with attention sinks", 2023). An induction head continues what was there before:
after "… A B … A" it looks at the B, and so predicts B. It is measured on n random tokens, repeated once, in which
nothing else helps to predict the second half:

.. math:: \text{induction} = \frac{1}{n} \sum_{i=n}^{2n-1} A_{i,\,i-n+1}

(Olsson et al., "In-context learning and induction heads", 2022, who call it prefix matching.) All scores are from 0
to 1. They say where a head looks, not what it does with it.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor


def previous_token_score(weights: Float[Tensor, "*batch query key"]) -> Float[Tensor, "*batch"]:
    """Return the mean weight of the token before the query; there must be at least two tokens.

    Examples
    --------
    >>> float(previous_token_score(torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0.2, 0.5, 0.3]])))
    0.75
    """
    return weights.diagonal(offset=-1, dim1=-2, dim2=-1).mean(dim=-1)


def first_token_score(weights: Float[Tensor, "*batch query key"]) -> Float[Tensor, "*batch"]:
    """Return the mean weight of the first token, for all queries after it; there must be at least two tokens.

    Examples
    --------
    >>> round(float(first_token_score(torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0.2, 0.5, 0.3]]))), 4)
    0.6
    """
    return weights[..., 1:, 0].mean(dim=-1)


def repeat_random_tokens(
    vocabulary: int, length: int, batch: int, generator: Generator | None = None
) -> Int[Tensor, "batch time"]:
    """Return rows of ``length`` different random tokens, each row twice in a row: B × 2n.

    Raises
    ------
    ValueError
        The vocabulary has fewer than ``length`` tokens.

    Examples
    --------
    >>> row = repeat_random_tokens(vocabulary=9, length=4, batch=1)[0]
    >>> len(row), torch.equal(row[:4], row[4:]), len(row.unique())
    (8, True, 4)
    """
    if length > vocabulary:
        raise ValueError(f"there are no {length} different tokens in a vocabulary of {vocabulary}")
    rows = torch.stack([torch.randperm(vocabulary, generator=generator)[:length] for _ in range(batch)])
    return torch.cat([rows, rows], dim=1)


def induction_score(weights: Float[Tensor, "*batch query key"], length: int) -> Float[Tensor, "*batch"]:
    """Return the mean weight of the token after the query's earlier occurrence, in a repeated row of ``length`` tokens.

    Examples
    --------
    Token 2 was token 0 before, and token 1 came after it; token 3 was token 1, and token 2 came after it:

    >>> weights = torch.tensor([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 1.0, 0, 0], [0, 0.5, 0.5, 0]])
    >>> float(induction_score(weights, length=2))
    0.75
    """
    # The diagonal begins one query early, with the last token of the first half.
    return weights.diagonal(offset=1 - length, dim1=-2, dim2=-1)[..., 1:].mean(dim=-1)
