# Named: rows with the same numbers left out
import numpy as np


def cosines(table, vector):
    size = np.linalg.norm(table, axis=1) * np.linalg.norm(vector)
    return np.divide(table @ vector, size, out=np.zeros(len(table)), where=size > 0)


def nearest(table, row, count):
    c = cosines(table, table[row]).round(12)
    rows = [i for i in range(len(table)) if not np.array_equal(table[i], table[row])]
    return sorted(rows, key=lambda i: -c[i])[:count]
