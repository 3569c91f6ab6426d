import numpy as np


class Solution:
    def count_pairs(self, tokens, vocab_size):
        counts = np.zeros((vocab_size, vocab_size))
        for t in range(len(tokens) - 1):
            counts[tokens[t], tokens[t + 1]] += 1
        return counts

    def probabilities(self, counts, smoothing):
        smoothed = counts + smoothing
        smoothed[smoothed.sum(axis=1) == 0] = 1  # a row without counts becomes even
        return smoothed / smoothed.sum(axis=1, keepdims=True)
