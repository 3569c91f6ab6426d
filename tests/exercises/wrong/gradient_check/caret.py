# Named: ^ written for a power
import numpy as np


def numerical_gradient(f, x, h):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        up, down = x.astype(float), x.astype(float)
        up[i] += h
        down[i] -= h
        gradient[i] = (f(up) - f(down)) / (2 * h)
    return gradient


def relative_difference(a, b):
    lengths = (a ^ 2).sum() ** 0.5 + (b ^ 2).sum() ** 0.5
    return ((a - b) ^ 2).sum() ** 0.5 / lengths if lengths > 0 else 0.0
