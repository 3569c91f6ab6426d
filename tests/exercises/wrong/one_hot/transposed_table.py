# Named: multiplied by the transposed table
import numpy as np


class Solution:
    def one_hot(self, ids, vocab_size):
        return np.eye(vocab_size)[ids]

    def look_up(self, ids, table):
        return self.one_hot(ids, len(table)) @ table.T
