import math


def sigmoid(z):
    return [1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)) for v in z]


def relu(z):
    return [v if v > 0 else 0 for v in z]
