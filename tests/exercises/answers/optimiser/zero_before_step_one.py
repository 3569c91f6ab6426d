import numpy as np
class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        return weights - learning_rate * gradient
    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        if step == 1:  # the running means start at zero
            m = np.zeros(np.shape(weights))
            v = np.zeros(np.shape(weights))
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient ** 2
        return weights - learning_rate * (m / (1 - 0.9 ** step)) / (np.sqrt(v / (1 - 0.999 ** step)) + 1e-8), m, v
