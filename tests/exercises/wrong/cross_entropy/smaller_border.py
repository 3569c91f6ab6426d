# Named: a border of 10^−12 (two classes)
# Named: a border of 10^−12 (several classes)
import numpy as np

EPS = 1e-12


def binary_cross_entropy(y_true, y_pred):
    p = np.clip(y_pred, EPS, 1 - EPS)
    total = 0.0
    for y, q in zip(y_true, p):
        total += np.log(q) if y == 1 else np.log(1 - q)
    return -total / len(y_true)


def categorical_cross_entropy(y_true, y_pred):
    right = y_pred[np.arange(len(y_pred)), y_true.argmax(axis=1)]
    return -np.log(right.clip(EPS)).mean()
