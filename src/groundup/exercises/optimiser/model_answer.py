import numpy as np


class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        return weights - learning_rate * gradient

    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        # m and v began at 0, so the first ones are too small.
        corrected_m = m / (1 - 0.9**step)
        corrected_v = v / (1 - 0.999**step)
        weights = weights - learning_rate * corrected_m / (np.sqrt(corrected_v) + 1e-8)
        return weights, m, v
