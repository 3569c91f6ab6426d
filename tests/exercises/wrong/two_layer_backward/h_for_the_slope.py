# Named: multiplied by h instead of ReLU's derivative
import numpy as np


def forward_and_backward(x, W1, b1, W2, b2, y_true):
    h = np.maximum(0, np.dot(W1, x) + b1)
    error = np.dot(W2, h) + b2 - y_true
    slope = 2 * error / len(y_true)
    back = np.dot(np.transpose(W2), slope) * h
    return {
        "loss": np.mean(error**2),
        "dW1": back[:, None] * np.asarray(x)[None, :],
        "db1": back,
        "dW2": slope[:, None] * h[None, :],
        "db2": slope,
    }
