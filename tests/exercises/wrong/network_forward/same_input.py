# Named: every layer reads the first input
import numpy as np


class Solution:
    def forward(self, x, weights, biases):
        for i in range(len(weights)):
            out = x @ weights[i] + biases[i]
            if i < len(weights) - 1:
                out = np.maximum(out, 0)
        return np.round(out, 5)
