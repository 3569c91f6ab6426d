# Named: rows and columns exchanged
# Named: a row without counts becomes NaN
import numpy as np


def count_pairs(tokens, vocab_size):
    counts = np.zeros((vocab_size, vocab_size))
    for i in range(len(tokens) - 1):
        counts[tokens[i + 1]][tokens[i]] += 1
    return counts


def probabilities(counts, smoothing):
    return (counts + smoothing) / np.sum(counts + smoothing, axis=1, keepdims=True)
