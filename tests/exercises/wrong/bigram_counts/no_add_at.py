# Named: each pair counted once
import numpy as np


def count_pairs(tokens, vocab_size):
    counts = np.zeros((vocab_size, vocab_size))
    counts[tokens[:-1], tokens[1:]] += 1
    return counts


def probabilities(counts, smoothing):
    smoothed = counts + smoothing
    sums = smoothed.sum(axis=1, keepdims=True)
    return np.where(sums > 0, smoothed / np.where(sums > 0, sums, 1), 1 / len(counts))
