import math


def backward(x, w, b, y_true):
    z = sum(a * c for a, c in zip(x, w)) + b
    y = 1 / (1 + math.exp(-z))
    slope = (y - y_true) * y - (y - y_true) * y * y
    return [slope * value for value in x], slope
