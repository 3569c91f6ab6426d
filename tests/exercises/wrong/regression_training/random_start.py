# Named: does not start at the initial weights
import numpy as np


class Solution:
    learning_rate = 0.01

    def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
        return -2 * ((ground_truth - model_prediction) * X[:, desired_weight]).sum() / N

    def train_model(self, X, Y, num_iterations, initial_weights):
        weights = np.random.randn(len(initial_weights))
        for _ in range(num_iterations):
            weights -= self.learning_rate * -2 / len(Y) * (X.T @ (Y - X @ weights))
        return weights
