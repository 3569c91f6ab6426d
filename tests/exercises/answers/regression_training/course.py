import numpy as np
from numpy.typing import NDArray


class Solution:
    learning_rate = 0.01

    def get_derivative(
        self, model_prediction: NDArray, ground_truth: NDArray, N: int, X: NDArray, desired_weight: int
    ) -> float:
        return -2 * np.dot(ground_truth - model_prediction, X[:, desired_weight]) / N

    def get_model_prediction(self, X: NDArray, weights: NDArray) -> NDArray:
        return np.squeeze(np.matmul(X, weights))

    def train_model(self, X: NDArray, Y: NDArray, num_iterations: int, initial_weights: NDArray) -> NDArray:
        for _ in range(num_iterations):
            prediction = X @ initial_weights
            slopes = [self.get_derivative(prediction, Y, len(X), X, j) for j in range(len(initial_weights))]
            for j, slope in enumerate(slopes):
                initial_weights[j] -= slope * self.learning_rate
        return np.round(initial_weights, 5)
