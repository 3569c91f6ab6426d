# Named: a column instead of N numbers
import numpy as np
from numpy.typing import NDArray


class Solution:
    def get_model_prediction(self, X: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.matmul(X, weights.reshape(-1, 1)), 5)

    def get_error(self, model_prediction: NDArray[np.float64], ground_truth: NDArray[np.float64]) -> float:
        return round(float(np.mean((model_prediction - ground_truth) ** 2)), 5)
