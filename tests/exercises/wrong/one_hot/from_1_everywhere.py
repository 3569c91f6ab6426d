# Named: ids counted from 1, in both functions
import numpy as np
class Solution:
    def one_hot(self, ids, vocab_size):
        hot = np.zeros((len(ids), vocab_size))
        for t, i in enumerate(ids):
            hot[t, i - 1] = 1
        return hot
    def look_up(self, ids, table):
        return self.one_hot(ids, len(table)) @ table
