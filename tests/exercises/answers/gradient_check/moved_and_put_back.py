import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        x = np.array(x, dtype=float)
        gradient = np.empty(x.shape)
        for i in range(len(x)):
            old = x[i]
            x[i] = old + h
            up = f(x)
            x[i] = old - h
            gradient[i] = (up - f(x)) / (2 * h)
            x[i] = old
        return gradient

    def relative_difference(self, gradient, numerical):
        return np.hypot.reduce(gradient - numerical) / max(
            np.linalg.norm(gradient) + np.linalg.norm(numerical), 1e-300
        )
