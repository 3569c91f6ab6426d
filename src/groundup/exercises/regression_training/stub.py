import numpy as np


class Solution:
    learning_rate = 0.01

    def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
        raise NotImplementedError

    def train_model(self, X, Y, num_iterations, initial_weights):
        raise NotImplementedError
