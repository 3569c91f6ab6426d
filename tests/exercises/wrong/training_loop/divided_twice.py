# Named: the weights' slopes divided by N twice
import numpy as np


class Solution:
    def train(self, X, y, epochs, lr):
        n, d = X.shape
        w, b = np.zeros(d), 0.0
        for _ in range(epochs):
            error = y - (X @ w + b)
            dw = -2 / n * np.dot(X.T, error) / n
            db = -2 / n * error.sum()
            w = w - lr * dw
            b = b - lr * db
        return w, b
