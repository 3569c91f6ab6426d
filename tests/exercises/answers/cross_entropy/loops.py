import math


def binary_cross_entropy(y_true, y_pred):
    total = 0.0
    for y, p in zip(y_true, y_pred):
        p = min(max(p, 1e-7), 1 - 1e-7)
        total -= math.log(p) if y == 1 else math.log(1 - p)
    return total / len(y_true)


def categorical_cross_entropy(y_true, y_pred):
    total = 0.0
    for truth, row in zip(y_true, y_pred):
        for y, p in zip(truth, row):
            if y:
                total -= math.log(max(p, 1e-7))
    return total / len(y_true)
