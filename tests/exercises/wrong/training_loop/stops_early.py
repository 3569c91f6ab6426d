# Named: stops once the error changes by less than 1e-05
import numpy as np


class Solution:
    def train(self, X, y, epochs, lr):
        w, b, last = np.zeros(X.shape[1]), 0.0, float("inf")
        for _ in range(epochs):
            residual = y - (X.dot(w) + b)
            loss = (residual**2).mean()
            if last - loss < 1e-5 and last - loss > -1e-5:
                break
            last = loss
            w = w + lr * 2 / len(y) * X.T.dot(residual)
            b = b + lr * 2 / len(y) * residual.sum()
        return w, b
