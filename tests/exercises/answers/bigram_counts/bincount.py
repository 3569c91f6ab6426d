import numpy as np


class Solution:
    def count_pairs(self, tokens, vocab_size):
        pairs = tokens[:-1] * vocab_size + tokens[1:]
        return np.bincount(pairs, minlength=vocab_size**2).reshape(vocab_size, vocab_size)

    def probabilities(self, counts, smoothing):
        counts = np.asarray(counts, dtype=float) + smoothing
        sums = counts.sum(-1)[:, None]
        with np.errstate(invalid="ignore"):
            return np.round(np.where(sums == 0, 1 / len(counts), counts / sums), 4)
