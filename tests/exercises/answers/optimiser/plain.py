import numpy as np


class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        return weights - gradient * learning_rate

    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * np.square(gradient)
        m_hat = m / (1 - 0.9**step)
        v_hat = v / (1 - 0.999**step)
        return weights - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8), m, v
