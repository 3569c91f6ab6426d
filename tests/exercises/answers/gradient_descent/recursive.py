import numpy as np


def get_minimizer(iterations, learning_rate, init):
    if iterations == 0:
        return np.float64(init)
    return get_minimizer(iterations - 1, learning_rate, init - learning_rate * (init + init))
