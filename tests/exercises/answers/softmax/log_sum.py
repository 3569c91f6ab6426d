import numpy as np


def softmax(z):
    return np.exp(z - np.logaddexp.reduce(z))
