import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        z = x @ w + b
        if activation == "relu":
            return max(0.0, z)
        # e⁻ᶻ may become infinity; 1 / infinity is 0, which is right.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))
