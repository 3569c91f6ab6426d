import numpy as np


def numerical_gradient(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(x.size):
        old = x[i]
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        below = f(x)
        x[i] = old
        gradient[i] = (above - below) / (2 * h)
    return gradient


def relative_difference(gradient, numerical):
    size = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return np.linalg.norm(gradient - numerical) / size if size else 0.0
