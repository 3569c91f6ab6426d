# Named: the 2 is missing
# Named: ReLU's derivative forgotten
import numpy as np


class Solution:
    def forward_and_backward(self, x, W1, b1, W2, b2, y_true):
        h = np.maximum(W1 @ x + b1, 0)
        out = W2 @ h + b2
        d = (out - y_true) / len(out)
        dh = W2.T @ d
        loss = ((out - y_true) ** 2).mean()
        return {"loss": loss, "dW1": np.outer(dh, x), "db1": dh, "dW2": np.outer(d, h), "db2": d}
