# Named: leaky, 0.1
import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        z = (x * w).sum() + b
        if activation == "relu":
            return z if z > 0 else 0.1 * z
        return 1 / (1 + np.exp(-z))
