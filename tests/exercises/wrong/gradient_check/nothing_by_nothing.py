# Named: 0 / 0 where both are zero
import numpy as np


def numerical_gradient(f, x, h):
    steps = h * np.eye(len(x))
    return np.array([f(x + step) - f(x - step) for step in steps]) / (2 * h)


def relative_difference(gradient, numerical):
    return np.linalg.norm(gradient - numerical) / (np.linalg.norm(gradient) + np.linalg.norm(numerical))
