from typing import Tuple

import numpy as np
from numpy.typing import NDArray


class Solution:
    def train(self, X: NDArray[np.float64], y: NDArray[np.float64], epochs: int, lr: float) -> Tuple[NDArray, float]:
        n, d = X.shape
        w = np.zeros(d)
        b = 0.0
        for _ in range(epochs):
            y_hat = X @ w + b
            error = y_hat - y
            dw = (2 / n) * (X.T @ error)
            db = (2 / n) * np.sum(error)
            w = w - lr * dw
            b = b - lr * db
        return (np.round(w, 5), round(b, 5))
