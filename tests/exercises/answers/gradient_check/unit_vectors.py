import numpy as np


def numerical_gradient(f, x, h):
    return np.array([(f(x + e) - f(x - e)) / h / 2 for e in h * np.eye(len(x))])


def relative_difference(a, b):
    below = np.sqrt((a * a).sum()) + np.sqrt((b * b).sum())
    return 0 if below == 0 else np.sqrt(((a - b) ** 2).sum()) / below
