# Named: divided by the sums of other rows
import numpy as np


class Solution:
    def attention_weights(self, queries, keys):
        scores = queries @ keys.T / queries.shape[1] ** 0.5
        powers = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        return powers / np.sum(powers, axis=1)

    def attend(self, queries, keys, values):
        return self.attention_weights(queries, keys) @ values
