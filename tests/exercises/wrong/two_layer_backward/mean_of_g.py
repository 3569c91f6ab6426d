# Named: the mean of g for all outputs
import numpy as np


def forward_and_backward(x, W1, b1, W2, b2, y_true):
    z1 = W1 @ x + b1
    h = np.maximum(z1, 0)
    error = W2 @ h + b2 - y_true
    g = 2 * error / len(error)
    dz1 = np.mean(g) * W2.sum(axis=0) * (z1 > 0)
    return {"loss": np.mean(error**2), "dW1": np.outer(dz1, x), "db1": dz1, "dW2": np.outer(g, h), "db2": g}
