import numpy as np


class Solution:
    def forward(self, x, weights, biases):
        for W, b in zip(weights[:-1], biases[:-1]):
            x = np.maximum(0, x @ W + b)
        return x @ weights[-1] + biases[-1]
