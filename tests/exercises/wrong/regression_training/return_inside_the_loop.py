# Named: returned inside the loop
import numpy as np
from numpy.typing import NDArray


class Solution:
    learning_rate = 0.01

    def get_derivative(
        self, model_prediction: NDArray, ground_truth: NDArray, N: int, X: NDArray, desired_weight: int
    ) -> float:
        return -2 * np.dot(ground_truth - model_prediction, X[:, desired_weight]) / N

    def train_model(self, X: NDArray, Y: NDArray, num_iterations: int, initial_weights: NDArray) -> NDArray:
        weights = np.array(initial_weights, dtype=float)
        for _ in range(num_iterations):
            prediction = np.matmul(X, weights)
            steps = [self.get_derivative(prediction, Y, len(X), X, j) for j in range(len(weights))]
            weights = weights - self.learning_rate * np.array(steps)
            return np.round(weights, 5)
