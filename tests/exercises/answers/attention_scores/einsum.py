import numpy as np


class Solution:
    def attention_weights(self, queries, keys):
        scores = np.einsum("th,sh->ts", queries, keys) * queries.shape[-1] ** -0.5
        logs = scores - np.logaddexp.reduce(scores, axis=-1)[:, None]
        return np.exp(logs)

    def attend(self, queries, keys, values):
        return np.round(np.einsum("ts,sv->tv", self.attention_weights(queries, keys), values), 4)
