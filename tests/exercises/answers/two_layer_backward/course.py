import numpy as np


class Solution:
    def forward_and_backward(self, x, W1, b1, W2, b2, y_true):
        x, W1, b1, W2, b2, y_true = map(np.array, (x, W1, b1, W2, b2, y_true))
        z1 = x @ W1.T + b1
        a1 = np.maximum(0, z1)
        z2 = a1 @ W2.T + b2
        loss = np.mean((z2 - y_true) ** 2)
        dz2 = 2 * (z2 - y_true) / y_true.size
        dW2 = np.outer(dz2, a1)
        da1 = dz2 @ W2
        dz1 = da1 * (z1 > 0)
        dW1 = np.outer(dz1, x)
        return {
            "loss": round(float(loss), 4),
            "dW1": np.round(dW1, 4).tolist(),
            "db1": np.round(dz1, 4).tolist(),
            "dW2": np.round(dW2, 4).tolist(),
            "db2": np.round(dz2, 4).tolist(),
        }
