import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        z = x @ w + b
        if activation == "relu":
            return max(0.0, z)
        # Where e⁻ᶻ is too large for a float it becomes infinity, and 1 / infinity is the right 0.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))
