import numpy as np
from numpy.typing import NDArray
from typing import Callable


class Solution:
    def numerical_gradient(
        self, f: Callable[[NDArray[np.float64]], float], x: NDArray[np.float64], h: float
    ) -> NDArray[np.float64]:
        grad = np.zeros_like(x, dtype=float)
        for i in range(x.size):
            x_plus = np.array(x, dtype=float)
            x_minus = np.array(x, dtype=float)
            x_plus[i] += h
            x_minus[i] -= h
            grad[i] = (f(x_plus) - f(x_minus)) / (2 * h)
        return grad

    def relative_difference(self, gradient: NDArray[np.float64], numerical: NDArray[np.float64]) -> float:
        numerator = np.linalg.norm(gradient - numerical)
        denominator = np.linalg.norm(gradient) + np.linalg.norm(numerical)
        return float(numerator / denominator) if denominator != 0 else 0.0
