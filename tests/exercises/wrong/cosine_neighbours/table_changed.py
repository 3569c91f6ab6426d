# Named: the input changed in place
import numpy as np


def nearest(table, row, count):
    cos = cosines(table, table[row])
    order = np.argsort(-np.round(cos, 12), kind="stable")
    return [int(i) for i in order if i != row][:count]


def cosines(table, vector):
    v = vector.copy()
    n = np.linalg.norm(table, axis=1, keepdims=True)
    n[n == 0] = 1
    table /= n
    m = np.linalg.norm(v)
    return table @ v / (m if m else 1)
