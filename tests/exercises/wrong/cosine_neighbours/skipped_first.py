# Named: a zero vector becomes NaN
# Named: the first one left out, whichever it is
import numpy as np


def safe(table, vector):
    lengths = np.linalg.norm(table, axis=1) * np.linalg.norm(vector)
    return np.where(lengths > 0, table @ vector / np.where(lengths > 0, lengths, 1), 0)


def cosines(table, vector):
    return table @ vector / (np.linalg.norm(table, axis=1) * np.linalg.norm(vector))


def nearest(table, row, count):
    return np.argsort(-safe(table, table[row]), kind="stable")[1 : count + 1]
