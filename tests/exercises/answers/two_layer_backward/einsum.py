import numpy as np


def forward_and_backward(x, W1, b1, W2, b2, y_true):
    z = np.einsum("hd,d->h", W1, x) + b1
    on = z > 0
    error = np.einsum("kh,h->k", W2, z * on) + b2 - y_true
    slope = error * (2 / error.size)
    back = np.einsum("kh,k->h", W2, slope) * on
    return {
        "loss": np.square(error).mean(),
        "dW1": back[:, None] * x[None],
        "db1": back,
        "dW2": slope[:, None] * (z * on)[None],
        "db2": slope,
    }
