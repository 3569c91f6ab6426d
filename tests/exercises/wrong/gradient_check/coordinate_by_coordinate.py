# Named: the mean of the coordinates' relative differences, NaN where both are 0
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
        lengths = np.linalg.norm(gradient) + np.linalg.norm(numerical)
        if lengths == 0:
            return 0.0
        return np.mean(np.abs(gradient - numerical) / (np.abs(gradient) + np.abs(numerical)))
