import numpy as np


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(z / 2)


def relu(z):
    return z * (z > 0)
