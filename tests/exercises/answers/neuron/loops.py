import math


def neuron(x, w, b, activation):
    z = b
    for value, weight in zip(x, w):
        z += value * weight
    return 1 / (1 + math.exp(-z)) if activation == "sigmoid" else (z if z > 0 else 0)
