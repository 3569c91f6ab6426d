# Named: the rows added up
import numpy as np


def one_hot(ids, vocab_size):
    hot = np.zeros((ids.size, vocab_size))
    for t in range(ids.size):
        hot[t, ids[t]] = 1
    return hot


def look_up(ids, table):
    return sum(one_hot(ids, len(table)) @ table)
