# Named: coordinates stay moved
import numpy as np


def numerical_gradient(f, x, h):
    up, down = x + 0.0, x + 0.0
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        up[i] += h
        down[i] -= h
        gradient[i] = (f(up) - f(down)) / (2 * h)
    return gradient


def relative_difference(a, b):
    lengths = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / lengths if lengths > 0 else 0.0
