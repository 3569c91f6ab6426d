import numpy as np


class Solution:
    def sigmoid(self, z):
        # e⁻ᶻ may become infinity; 1 / infinity is 0, which is right.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))

    def relu(self, z):
        return np.maximum(0, z)
