# Named: one-hot vectors as wide as the largest id needs
import numpy as np

class Solution:
    def one_hot(self, ids, vocab_size):
        out = np.zeros((len(ids), vocab_size))
        out[np.arange(len(ids)), ids] = 1
        return out

    def look_up(self, ids, table):
        return self.one_hot(ids, ids.max() + 1) @ table
