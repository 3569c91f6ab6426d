# Named: the prediction is overwritten
import numpy as np


def get_model_prediction(X, weights):
    return np.array([sum(a * b for a, b in zip(row, weights)) for row in X])


def get_error(model_prediction, ground_truth):
    model_prediction -= ground_truth
    return np.square(model_prediction).mean()
