# Named: math.exp overflows on its way into an array
import math

import numpy as np


def softmax(z):
    powers = [math.exp(score) for score in z]
    return np.array(powers) / sum(powers)
