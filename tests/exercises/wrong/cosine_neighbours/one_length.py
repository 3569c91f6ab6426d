# Named: the columns' mean length for every row
import numpy as np


def nearest(table, row, count):
    cos = cosines(table, table[row])
    pairs = []
    for i in range(len(table)):
        if i != row:
            pairs.append((-round(float(cos[i]), 12), i))
    pairs.sort()
    answer = []
    for value, i in pairs[:count]:
        answer.append(i)
    return answer


def cosines(table, vector):
    size = np.linalg.norm(table, axis=0).mean() * np.linalg.norm(vector)
    return np.zeros(len(table)) if size == 0 else table @ vector / size
