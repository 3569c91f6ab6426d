# Named: divided by 2, multiplied by h
# Named: relative to one gradient only
import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        gradient = []
        for i in range(len(x)):
            step = np.zeros(len(x))
            step[i] = h
            gradient.append((f(x + step) - f(x - step)) / 2 * h)
        return np.array(gradient)

    def relative_difference(self, gradient, numerical):
        lengths = np.linalg.norm(gradient)
        if lengths == 0:
            return 0.0
        return np.linalg.norm(gradient - numerical) / lengths
