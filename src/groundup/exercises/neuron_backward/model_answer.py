import numpy as np


class Solution:
    def backward(self, x, w, b, y_true):
        z = x @ w + b
        # e⁻ᶻ may become infinity; 1 / infinity is 0, which is right.
        with np.errstate(over="ignore"):
            prediction = 1 / (1 + np.exp(-z))
        # The derivative of the loss, times that of the sigmoid.
        dz = (prediction - y_true) * prediction * (1 - prediction)
        return dz * x, dz
