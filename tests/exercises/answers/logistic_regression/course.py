from typing import Tuple

import numpy as np
from numpy.typing import NDArray


class Solution:
    def predict(self, X: NDArray[np.float64], w: NDArray[np.float64], b: float) -> NDArray[np.float64]:
        return np.round(1 / (1 + np.exp(-(X @ w + b))), 5)

    def log_loss(self, p: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        return round(float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))), 5)

    def train(self, X: NDArray[np.float64], y: NDArray[np.float64], epochs: int, lr: float) -> Tuple[NDArray, float]:
        n, d = X.shape
        w = np.zeros(d)
        b = 0.0
        for _ in range(epochs):
            p = 1 / (1 + np.exp(-(X @ w + b)))
            dw = (1 / n) * (X.T @ (p - y))
            db = (1 / n) * np.sum(p - y)
            w = w - lr * dw
            b = b - lr * db
        return (np.round(w, 5), round(b, 5))
