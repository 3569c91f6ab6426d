import numpy as np
from numpy.typing import NDArray


class Solution:
    def binary_cross_entropy(self, y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
        # Hint: add a small epsilon (1e-7) to y_pred to avoid log(0)
        y_pred = y_pred + 1e-7
        return np.round(-np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)), 4)

    def categorical_cross_entropy(self, y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
        return np.round(-np.mean(np.sum(y_true * np.log(y_pred + 1e-7), axis=1)), 4)
