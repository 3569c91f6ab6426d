# Named: the bias moved by a weight's slope
import numpy as np


def train(X, y, epochs, lr):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        error = X @ w + b - y
        slopes = 2 / len(y) * error @ X
        slope = 2 / len(y) * np.sum(error * X[:, 0])
        w, b = w - lr * slopes, b - lr * slope
    return w, b
