# Named: divided by the sums of other rows, after empty rows became even
import numpy as np
class Solution:
    def count_pairs(self, tokens, vocab_size):
        counts = np.zeros((vocab_size, vocab_size))
        for a, b in zip(tokens[:-1], tokens[1:]):
            counts[a, b] += 1
        return counts
    def probabilities(self, counts, smoothing):
        counts = counts + smoothing
        totals = counts.sum(axis=1)
        counts[totals == 0] = 1
        return counts / counts.sum(axis=1)
