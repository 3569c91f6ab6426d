# Named: math.exp overflows
import math

import numpy as np


def softmax(z):
    powers = [math.exp(score) for score in z]
    return np.array(powers) / sum(powers)
