# Named: divided by the sums of other rows, before empty rows become even
import numpy as np
class Solution:
    def count_pairs(self, tokens, vocab_size):
        counts = np.zeros((vocab_size, vocab_size))
        for a, b in zip(tokens[:-1], tokens[1:]):
            counts[a, b] += 1
        return counts
    def probabilities(self, counts, smoothing):
        c = counts + smoothing
        s = c.sum(axis=1)
        p = c / np.where(s == 0, 1, s)
        p[s == 0] = 1 / len(c)
        return p
