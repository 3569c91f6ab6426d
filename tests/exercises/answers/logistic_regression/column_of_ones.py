import numpy as np


def predict(X, w, b):
    return 0.5 * (1 + np.tanh((X @ w + b) / 2))


def log_loss(p, y):
    return -np.log(np.abs(1 - y - p)).mean()


def train(X, y, epochs, lr):
    A = np.hstack([X, np.ones((len(X), 1))])
    w = np.zeros(A.shape[1])
    for _ in range(epochs):
        w -= lr * np.mean((predict(A, w, 0.0) - y)[:, None] * A, axis=0)
    return w[:-1], w[-1]
