import numpy as np


class Solution:
    def train(self, X, y, epochs, lr):
        N, d = X.shape
        w, b = np.zeros(d), 0.0
        for _ in range(epochs):
            error = y - (X @ w + b)
            w = w + lr * 2 / N * (X.T @ error)
            b = b + lr * 2 / N * error.sum()
        return w, b
