# Named: largest score subtracted from the powers above the line
import numpy as np
class Solution:
    def softmax(self, z):
        exps = np.exp(z) - np.max(z)
        return exps / np.sum(np.exp(z))
