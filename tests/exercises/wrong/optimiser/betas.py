# Named: corrected without the power of t
class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        return weights - learning_rate * gradient

    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient * gradient
        return weights - learning_rate * (m / 0.1) / ((v / 0.001) ** 0.5 + 1e-8), m, v
