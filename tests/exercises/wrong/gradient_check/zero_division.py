# Named: 0 / 0 where both are zero, in plain Python
import math

import numpy as np


def numerical_gradient(f, x, h):
    steps = h * np.eye(len(x))
    return np.array([f(x + step) - f(x - step) for step in steps]) / (2 * h)


def relative_difference(gradient, numerical):
    def length(vector):
        return math.sqrt(sum(float(number) ** 2 for number in vector))

    return length(gradient - numerical) / (length(gradient) + length(numerical))
