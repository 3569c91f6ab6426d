import numpy as np


class Solution:
    def sigmoid(self, z):
        # Where e⁻ᶻ is too large for a float it becomes infinity, and 1 / infinity is the right 0.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))

    def relu(self, z):
        return np.maximum(0, z)
