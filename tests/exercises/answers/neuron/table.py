import numpy as np

ACTIVATIONS = {"sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2, "relu": lambda z: np.maximum(z, 0)}


def forward(x, w, b, activation):
    return ACTIVATIONS[activation](np.append(x, 1) @ np.append(w, b))
