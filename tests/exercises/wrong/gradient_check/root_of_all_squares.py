# Named: relative to the root of the sum of squares
import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        gradient = np.zeros(len(x))
        for i in range(len(x)):
            up, down = x.astype(float), x.astype(float)
            up[i] += h
            down[i] -= h
            gradient[i] = (f(up) - f(down)) / (2 * h)
        return gradient

    def relative_difference(self, gradient, numerical):
        lengths = np.sqrt(np.sum(gradient**2) + np.sum(numerical**2))
        if lengths == 0:
            return 0.0
        return np.linalg.norm(gradient - numerical) / lengths
