# Named: ReLU's derivative instead of itself
import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        z = np.sum(x * w) + b
        return 1 / (1 + np.exp(-z)) if activation == "sigmoid" else float(z > 0)
