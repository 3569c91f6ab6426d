r"""Start from bigrams: initialize a GPT as a bigram model whose heads attend to the tokens just before.

A small GPT needs hundreds of steps to learn which token follows which, although counting gives this at once. So the
`modern` preset can start from the counts.

*Embedding and output.* Each token's embedding gets its own direction, orthogonal to those of the others. The output map
is set so that its products with the embeddings are the logarithms of the counted probabilities P(next | token). While
the blocks add nothing to the stream, the model then predicts exactly these probabilities:

.. math:: \langle w_j, \mathrm{norm}(e_i) \rangle = \log P(j \mid i) + \mathrm{const}_i

Counts are smoothed with the overall frequencies p of the tokens, P(j | i) = (n_{ij} + V p_j) / (n_i + V), so that no
probability is 0 (a Dirichlet prior: MacKay and Peto, "A hierarchical Dirichlet language model", 1995). The frequencies
p themselves are smoothed by adding 1 to each count (Laplace).

*Heads that look back.* One direction of the stream is the same for every token. If a query at position p and a key at
position j read only this direction, their product after the rotary rotation depends only on their distance: it is
Σᵢ cos((p − j − s) θᵢ) if the query is first rotated by −s θᵢ, and it is largest at j = p − s. Head 1 starts with s = 1,
head 2 with s = 2, and so on, so the heads attend to the tokens that n-grams use.

This is only an initialization: all weights are trained afterwards, and the architecture is unchanged.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.steps.c4_training.tensors import join_columns
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.transformer import Attention

# The pairs of channels with the highest rotary frequencies distinguish neighboring positions best.
PAIRS = 4
GAIN = 8.0  # weight of the distance, relative to what the query and key read from the tokens themselves
CONSTANT_SHARE = 1.0  # size of the direction that is the same for every token, relative to the token's own direction


def log_shares(counts: Float[Tensor, "vocabulary vocabulary"]) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return the smoothed log P(next | token), V×V; one row per token."""
    vocabulary = len(counts)
    overall = (counts.sum(0) + 1) / (counts.sum() + vocabulary)
    return ((counts + vocabulary * overall) / (counts.sum(1, keepdim=True) + vocabulary)).log()


def can_start_from_bigrams(model: GPT) -> bool:
    """Return whether the stream has room for one direction per token, and the output map is not tied."""
    s = model.settings
    return s.preset == "modern" and not s.tied and s.vocabulary + 1 <= 3 * s.width // 4


@torch.no_grad()
def start_from_bigrams(model: GPT, counts: Float[Tensor, "vocabulary vocabulary"]) -> None:
    """Initialize a new model with the bigram probabilities of ``counts``, and its heads with `look_back`.

    Parameters
    ----------
    model : GPT
        A model for which `can_start_from_bigrams` is true; changed in place. Random numbers come from torch's global
        generator.
    counts : Tensor, shape (V, V)
        From `groundup.steps.c5_words.bigram.count_pairs`, for the training text.
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
    """Make head s of every layer prefer the token s positions before its own.

    Parameters
    ----------
    model : GPT
        Changed in place.
    constant : Tensor, shape (d,)
        The vector whose dot product with every token's normalized embedding is 1.
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
