# Named: hidden sums added into the biases
import numpy as np


def forward(x, weights, biases):
    for w, b in zip(weights[:-1], biases[:-1]):
        b += np.matmul(x, w)
        x = np.where(b > 0, b, 0)
    return np.matmul(x, weights[-1]) + biases[-1]
