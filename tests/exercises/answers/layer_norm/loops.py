import math


def layer_norm(x, gamma, beta):
    d = len(x)
    mean = sum(x) / d
    variance = sum((v - mean) ** 2 for v in x) / d
    return [g * (v - mean) / math.sqrt(variance + 0.00001) + b for v, g, b in zip(x, gamma, beta)]
