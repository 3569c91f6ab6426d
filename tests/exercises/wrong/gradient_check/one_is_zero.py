# Named: 0 where only one gradient is zero
import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        slopes = np.zeros(len(x))
        for i in range(len(x)):
            move = np.zeros(len(x))
            move[i] = h
            slopes[i] = (f(x + move) - f(x - move)) / (2 * h)
        return slopes

    def relative_difference(self, gradient, numerical):
        if np.linalg.norm(gradient) == 0 or np.linalg.norm(numerical) == 0:
            return 0.0
        return np.linalg.norm(gradient - numerical) / (np.linalg.norm(gradient) + np.linalg.norm(numerical))
