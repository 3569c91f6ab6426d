import math


def neuron(x, w, b, activation):
    z = b
    for value, weight in zip(x, w):
        z += value * weight
    if activation == "relu":
        return z if z > 0 else 0
    return 1 / (1 + math.exp(-z)) if z > 0 else 1 - 1 / (1 + math.exp(z))
