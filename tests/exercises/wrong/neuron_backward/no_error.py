# Named: the error forgotten
import numpy as np


class Solution:
    def backward(self, x, w, b, y_true):
        y_hat = 1 / (1 + np.exp(-(np.dot(x, w) + b)))
        dz = y_hat * (1 - y_hat)
        return dz * x, dz
