import numpy as np


class Solution:
    def keep_top_p(self, logits, p):
        z = np.asarray(logits)
        shares = np.exp(z - z.max())
        shares = shares / shares.sum()
        order = np.argsort(-shares, kind="stable")
        count = int(np.searchsorted(np.cumsum(shares[order]), p - 1e-7)) + 1
        result = np.full(z.shape, -np.inf)
        result[order[:count]] = z[order[:count]]
        return result
