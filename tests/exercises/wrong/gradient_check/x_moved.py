# Named: x moved and not put back
import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        gradient = []
        for i in range(len(x)):
            x[i] += h
            up = f(x)
            x[i] -= 2 * h
            gradient.append((up - f(x)) / (2 * h))
        return np.array(gradient)

    def relative_difference(self, gradient, numerical):
        total = np.linalg.norm(gradient) + np.linalg.norm(numerical)
        return 0.0 if total == 0 else np.linalg.norm(gradient - numerical) / total
