# Named: the upper point is x itself
import numpy as np


def numerical_gradient(f, x, h):
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        x_plus = x
        x_minus = x.copy()
        x_plus[i] += h
        x_minus[i] -= h
        slopes[i] = (f(x_plus) - f(x_minus)) / (2 * h)
    return slopes


def relative_difference(gradient, numerical):
    total = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return 0.0 if total == 0 else np.linalg.norm(gradient - numerical) / total
