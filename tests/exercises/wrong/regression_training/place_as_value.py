# Named: the place taken for a value
import numpy as np


def get_derivative(model_prediction, ground_truth, N, X, desired_weight):
    return -2 / N * sum((t - p) * desired_weight for t, p in zip(ground_truth, model_prediction))


def train_model(X, Y, num_iterations, initial_weights):
    w = np.copy(initial_weights)
    for _ in range(num_iterations):
        w = w + 0.02 / len(Y) * X.T.dot(Y - X.dot(w))
    return w
