import numpy as np


class Solution:
    learning_rate = 0.01

    def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
        return -2 / N * np.sum((ground_truth - model_prediction) * X[:, desired_weight])

    def train_model(self, X, Y, num_iterations, initial_weights):
        weights = initial_weights
        for _ in range(num_iterations):
            # get_derivative for all weights at once: row j of X.T is X[:, j].
            gradient = -2 / len(X) * X.T @ (Y - X @ weights)
            weights = weights - self.learning_rate * gradient
        return weights
