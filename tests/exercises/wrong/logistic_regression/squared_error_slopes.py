# Named: slopes of the squared error, with their 2
import numpy as np


def predict(X, w, b):
    return 1 / (1 + np.exp(-(X @ w + b)))


def log_loss(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def train(X, y, epochs, lr):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        p = predict(X, w, b)
        d = 2 * (p - y) * p * (1 - p) / len(y)
        w = w - lr * X.T @ d
        b = b - lr * d.sum()
    return w, b
