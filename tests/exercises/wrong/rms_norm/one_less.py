# Named: divided by d − 1, but by 1 where d is 1
import numpy as np

class Solution:
    def rms_norm(self, x, gamma, eps):
        d = x.shape[0]
        mean_square = np.dot(x, x) / max(d - 1, 1)
        return gamma * x / np.sqrt(mean_square + eps)
