# Named: divided by the sum over all rows
import numpy as np

class Solution:
    def attention_weights(self, queries, keys):
        scores = np.matmul(queries, np.transpose(keys)) / np.sqrt(queries.shape[1])
        scores = scores - np.max(scores, axis=1, keepdims=True)
        exps = np.exp(scores)
        weights = exps / np.sum(exps)
        return weights

    def attend(self, queries, keys, values):
        weights = self.attention_weights(queries, keys)
        return np.matmul(weights, values)
