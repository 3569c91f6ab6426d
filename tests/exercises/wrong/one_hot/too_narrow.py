# Named: as many columns as the largest id needs
import numpy as np


def one_hot(ids, vocab_size):
    return np.eye(max(ids) + 1)[ids]


def look_up(ids, table):
    return np.eye(len(table))[ids] @ table
