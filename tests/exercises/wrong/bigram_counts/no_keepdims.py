# Named: divided by the sums of other rows
import numpy as np


class Solution:
    def count_pairs(self, tokens, vocab_size):
        counts = np.zeros((vocab_size, vocab_size))
        for i in range(1, len(tokens)):
            counts[tokens[i - 1], tokens[i]] += 1
        return counts

    def probabilities(self, counts, smoothing):
        smoothed = counts + smoothing
        sums = smoothed.sum(axis=1)
        return np.where(sums > 0, smoothed / np.maximum(sums, 1e-12), 1 / len(counts))
