# Named: written for two features
# Named: root of the error
import numpy as np


class Solution:
    def get_model_prediction(self, X, weights):
        return weights[0] * X[:, 0] + weights[1] * X[:, 1]

    def get_error(self, model_prediction, ground_truth):
        return np.mean((model_prediction - ground_truth) ** 2) ** 0.5
