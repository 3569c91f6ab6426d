# Named: ids counted from 1, the id 0 in the last column
import numpy as np
class Solution:
    def one_hot(self, ids, vocab_size):
        hot = np.zeros((len(ids), vocab_size))
        hot[np.arange(len(ids)), np.array(ids) - 1] = 1
        return hot
    def look_up(self, ids, table):
        return table[ids]
