r"""A head start: a GPT that is a bigram model before its first step, its heads already looking back.

A small GPT spends its first hundreds of steps finding what counting finds in a moment: which token follows which. So
the `modern` preset can begin there.

*The stream as a table.* Let each token's embedding be a vector of its own, orthogonal to the others'. An output map
whose products with them are the logarithms of the counted shares P(next | token) gives exactly those shares while the
blocks still add nothing:

.. math:: \langle w_j, \mathrm{norm}(e_i) \rangle = \log P(j \mid i) + \mathrm{const}_i

Counts are smoothed with the tokens' overall shares, P(j | i) = (n_{ij} + V p_j) / (n_i + V), as by Laplace, so that
no logarithm is of zero (a Dirichlet prior: MacKay and Peto, "A hierarchical Dirichlet language model", 1995).

*Heads that look back.* One direction of the stream is the same for every token. A query and a key that read only it
have a rotary product that depends on their distance alone, Σᵢ cos((p − j − s) θᵢ), and is largest at j = p − s when the
query starts turned by −s θᵢ. Head 1 starts with s = 1, head 2 with s = 2, and so on: what n-grams look at.

All of it is only a start: every number goes on learning, and the architecture is unchanged.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.steps.c4_training.tensors import join_columns
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.transformer import Attention

# The fastest-turning pairs of channels tell neighbours apart.
PAIRS = 4
GAIN = 8.0  # of the distance against what the query and key read of the tokens themselves
CONSTANT_SHARE = 1.0  # of the direction that is the same for every token, against the token's own


def count_pairs(tokens: Int[Tensor, " time"], vocabulary: int) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return how often each token (column) came right after each (row).

    Examples
    --------
    >>> import torch
    >>> count_pairs(torch.tensor([0, 1, 0, 1, 1]), 2).int().tolist()
    [[0, 2], [1, 1]]
    """
    pairs = tokens[:-1].long() * vocabulary + tokens[1:]
    return torch.bincount(pairs, minlength=vocabulary**2).view(vocabulary, vocabulary).double()


def log_shares(counts: Float[Tensor, "vocabulary vocabulary"]) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return log P(next | token), smoothed; rows are tokens."""
    vocabulary = len(counts)
    overall = (counts.sum(0) + 1) / (counts.sum() + vocabulary)
    return ((counts + vocabulary * overall) / (counts.sum(1, keepdim=True) + vocabulary)).log()


def can_start_from_bigrams(model: GPT) -> bool:
    """Tell whether the stream has room for a direction a token, and the output is free to be set."""
    s = model.settings
    return s.preset == "modern" and not s.tied and s.vocabulary + 1 <= 3 * s.width // 4


@torch.no_grad()
def start_from_bigrams(model: GPT, counts: Float[Tensor, "vocabulary vocabulary"]) -> None:
    """Set a fresh model to the bigram shares of ``counts`` and turn its heads back.

    Parameters
    ----------
    model : GPT
        One for which `can_start_from_bigrams`; changed in place. Its random numbers come from torch's generator.
    counts : Tensor
        From `count_pairs`, of the training text.
    """
    s = model.settings
    vocabulary, width = s.vocabulary, s.width
    directions = torch.linalg.qr(torch.randn(width, width, dtype=torch.float64)).Q
    constant = directions[vocabulary]
    rest = torch.randn(vocabulary, width - vocabulary, dtype=torch.float64)
    rest *= 0.5 / rest.norm(dim=1, keepdim=True)
    rest[:, 0] = CONSTANT_SHARE
    embedding = join_columns(torch.eye(vocabulary, dtype=torch.float64), rest)
    embedding /= embedding.norm(dim=1, keepdim=True) / width**0.5
    table = log_shares(counts)
    table -= table.mean(1, keepdim=True)
    model.token_embedding.weight.copy_(embedding @ directions)
    model.output.weight.copy_((table / embedding.diagonal()[:, None]).T @ directions[:vocabulary])
    look_back(model, (constant / embedding[:, vocabulary].mean()).float())
    for name, parameter in model.named_parameters():
        if name.endswith(("attention.output.weight", "contract.weight")):
            parameter.zero_()


def look_back(model: GPT, constant: Float[Tensor, " channel"]) -> None:
    """Let head s of every layer prefer the place s before its own.

    Parameters
    ----------
    model : GPT
        Changed in place.
    constant : Tensor
        The vector whose product with every token's normalised embedding is one.
    """
    s = model.settings
    pairs, half = min(PAIRS, s.head_width // 2), s.head_width // 2
    rates = s.rotary_base ** (-torch.arange(pairs) / half)
    key = torch.zeros(s.head_width)
    key[:pairs] = GAIN
    for block in model.blocks:
        attention = block.attention
        assert isinstance(attention, Attention)
        for head in range(s.heads):
            turned = torch.zeros(s.head_width)
            angles = (head + 1) * rates
            turned[:pairs], turned[half : half + pairs] = GAIN * angles.cos(), -GAIN * angles.sin()
            rows = slice(head * s.head_width, (head + 1) * s.head_width)
            attention.query.weight[rows] += torch.outer(turned, constant)
        for head in range(s.key_value_heads):
            rows = slice(head * s.head_width, (head + 1) * s.head_width)
            attention.key.weight[rows] += torch.outer(key, constant)
