# Named: NaN for a large score
import numpy as np


class Solution:
    def predict(self, X, w, b):
        power = np.exp(np.dot(X, w) + b)
        return power / (power + 1)

    def log_loss(self, p, y):
        return -np.mean(np.log(np.where(y == 1, p, 1 - p)))

    def train(self, X, y, epochs, lr):
        w, b = np.zeros(X.shape[1]), 0.0
        for _ in range(epochs):
            error = self.predict(X, w, b) - y
            w = w - lr * (error[:, None] * X).mean(0)
            b = b - lr * error.mean()
        return w, b
