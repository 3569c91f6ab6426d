# Named: absolute value instead of square
import numpy as np


def get_derivative(p, t, N, X, j):
    return -1 / N * np.sum(np.sign(t - p) * X[:, j])


def train_model(X, Y, n, w):
    w = np.array(w, float)
    for _ in range(n):
        p = X @ w
        w = w - 0.01 * np.array(
            [get_derivative(p, Y, len(X), X, j) for j in range(len(w))]
        )
    return w
