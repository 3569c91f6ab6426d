# Named: one length for the whole table
import numpy as np


def cosines(table, vector):
    length = np.linalg.norm(table) * np.linalg.norm(vector)
    return np.zeros(len(table)) if length == 0 else table @ vector / length


def nearest(table, row, count):
    lengths = np.linalg.norm(table, axis=1) * np.linalg.norm(table[row])
    found = np.where(lengths > 0, table @ table[row] / np.where(lengths > 0, lengths, 1), 0)
    return [k for k in np.argsort(-found, kind="stable").tolist() if k != row][:count]
