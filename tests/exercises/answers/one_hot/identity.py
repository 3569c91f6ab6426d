import numpy as np


class Solution:
    def one_hot(self, ids, vocab_size):
        return np.eye(vocab_size, dtype=int)[ids]

    def look_up(self, ids, table):
        return np.round(np.dot(np.eye(table.shape[0])[ids], table), 8)
