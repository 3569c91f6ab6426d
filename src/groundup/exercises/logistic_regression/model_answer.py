import numpy as np


class Solution:
    def predict(self, X, w, b):
        z = X @ w + b
        # 1 / (1 + e^−z) without a number too large for a float.
        return np.exp(-np.logaddexp(0, -z))

    def log_loss(self, p, y):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def train(self, X, y, epochs, lr):
        N, d = X.shape
        w, b = np.zeros(d), 0.0
        for _ in range(epochs):
            error = self.predict(X, w, b) - y
            w = w - lr * (X.T @ error) / N
            b = b - lr * error.mean()
        return w, b
