# Named: the step made with m of the step before
import numpy as np


def sgd_step(weights, gradient, learning_rate):
    return weights - learning_rate * gradient


def adam_step(weights, gradient, m, v, step, learning_rate):
    v = 0.999 * v + 0.001 * gradient**2
    move = (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    m = 0.9 * m + 0.1 * gradient
    return weights - learning_rate * move, m, v
