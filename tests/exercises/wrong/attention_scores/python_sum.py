# Named: softmax over the queries
import numpy as np


def attention_weights(queries, keys):
    scores = np.dot(queries, keys.T) / np.sqrt(queries.shape[1])
    powers = np.exp(scores - scores.max(axis=0))
    return powers / sum(powers)


def attend(queries, keys, values):
    return attention_weights(queries, keys) @ values
