import numpy as np


class Solution:
    def forward(self, x, weights, biases):
        a = x
        for i in range(len(weights)):
            a = np.dot(a, weights[i]) + biases[i]
            if i < len(weights) - 1:
                a = np.maximum(0, a)
        return np.round(a, 5)
