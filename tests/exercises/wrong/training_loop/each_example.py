# Named: one step for each example
import numpy as np
from numpy.typing import NDArray


class Solution:
    def train(self, X: NDArray[np.float64], y: NDArray[np.float64], epochs: int, lr: float):
        w = np.zeros(X.shape[1])
        b = 0.0
        for _ in range(epochs):
            for i in range(len(X)):
                difference = X[i] @ w + b - y[i]
                w = w - lr * 2 * difference * X[i]
                b = b - lr * 2 * difference
        return np.round(w, 5), round(float(b), 5)
