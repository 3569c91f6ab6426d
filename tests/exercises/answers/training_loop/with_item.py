import numpy as np
from numpy.typing import NDArray


class Solution:
    def train(self, X: NDArray[np.float64], y: NDArray[np.float64], epochs: int, lr: float):
        w, b = np.zeros(X.shape[1]), 0
        for _ in range(epochs):
            residual = X @ w + b - y
            w = w - lr * 2 / len(y) * X.T @ residual
            b = b - lr * 2 / len(y) * residual.sum()
        return np.round(w, 5), round(b.item(), 5)
