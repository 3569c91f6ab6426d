# Named: the weights do not start at 0
import numpy as np


def train(X, y, epochs, lr):
    rng = np.random.default_rng(7)
    w, b = rng.uniform(-0.1, 0.1, X.shape[1]), 0.0
    for _ in range(epochs):
        error = X @ w + b - y
        w -= lr * 2 * (X * error[:, None]).mean(axis=0)
        b -= lr * 2 * error.mean()
    return w, b
