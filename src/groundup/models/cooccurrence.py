"""Word vectors from co-occurrence: counted from a text, not trained.

Words that often occur near the same words tend to have similar meanings (Firth, 1957). Count how often each word
occurs within a few positions of each common word, compare the counts with chance (positive pointwise mutual
information, PPMI), and reduce the rows to short vectors:

    PPMI = max(0, log( n(word, near) · Z / (n(word) · n(near)^0.75) ))        vectors = U · sqrt(S) of its SVD

n(word) and n(near) are the sums of n(word, near) over a row and over a column, and Z = Σ n(near)^0.75 over all columns.
Source: Levy and Goldberg, "Neural word embedding as implicit matrix factorization", NeurIPS 2014, who show that
word2vec factors nearly such a matrix; Levy, Goldberg and Dagan, "Improving distributional similarity with lessons
learned from word embeddings", TACL 2015, for the power 0.75, which reduces the influence of rare neighbors. Words with
opposite meanings occur near the same words ("good film", "bad film"), so their vectors are similar.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float


def count_company(
    sentences: Sequence[np.ndarray], vocabulary_size: int, common: int = 400, reach: int = 4
) -> Float[np.ndarray, "vocabulary common"]:
    """Count how often each word occurs near each of the most common words.

    Parameters
    ----------
    sentences : sequence of arrays of int
        Encoded sentences, of any lengths.
    vocabulary_size : int
        V: every word's number is below it.
    common : int
        The number of common words, one per column.
    reach : int
        The largest distance in words; a neighbor at distance k counts 1/k.
    """
    lengths = [len(sentence) for sentence in sentences]
    words = np.concatenate([np.empty(0, np.int64), *sentences])
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    order = np.argsort(-np.bincount(words, minlength=vocabulary_size), kind="stable")[:common]
    column = np.full(vocabulary_size, -1)
    column[order] = np.arange(len(order))
    cells, weights = [np.empty(0, np.int64)], [np.empty(0)]
    for apart in range(1, reach + 1):
        together = sentence[:-apart] == sentence[apart:]
        left, right = words[:-apart][together], words[apart:][together]
        for word, near in ((left, right), (right, left)):
            kept = column[near] >= 0
            cells.append(word[kept] * len(order) + column[near[kept]])
            # Near words count more than distant words: 1, 1/2, 1/3, …
            weights.append(np.full(len(cells[-1]), 1 / apart))
    size = vocabulary_size * len(order)
    counts = np.bincount(np.concatenate(cells), np.concatenate(weights), minlength=size)
    return counts.reshape(vocabulary_size, len(order)).astype(float)


def factor_company(
    counts: Float[np.ndarray, "vocabulary common"], channel: int = 32
) -> Float[np.ndarray, "vocabulary channel"]:
    """Return one vector per word from positive pointwise mutual information; a word without neighbors gets zeros.

    The channels are sorted by singular value, the largest first. There are fewer than ``channel`` if the counts have
    fewer columns.
    """
    words, near = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True) ** 0.75
    expected = words * near / max(near.sum(), np.finfo(float).tiny)
    information = np.log(np.maximum(counts / np.maximum(expected, np.finfo(float).tiny), 1.0))
    # The right singular vectors come from the small Gram matrix of the common words, with eigenvalues in rising order.
    matrix = torch.from_numpy(information)
    squares, directions = torch.linalg.eigh(matrix.T @ matrix)
    singular = squares.flip(0)[:channel].clamp(min=0).sqrt()
    scaled = directions.flip(1)[:, :channel] / singular.sqrt().clamp(min=1e-30)
    scaled[:, singular < 1e-9 * singular[:1].clamp(min=1)] = 0
    return (matrix @ scaled).numpy()
