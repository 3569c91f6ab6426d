# Named: exponentials overflow
import numpy as np


def attention_weights(queries, keys):
    powers = np.exp(queries @ keys.T / np.sqrt(keys.shape[-1]))
    return powers / powers.sum(axis=-1, keepdims=True)


def attend(queries, keys, values):
    return attention_weights(queries, keys) @ values
