import numpy as np


def get_positional_encoding(seq_len, d_model):
    column = np.arange(d_model)
    return np.fromfunction(
        lambda p, c: np.sin(p / 1e4 ** (2 * (c // 2) / d_model) + (c % 2) * np.pi / 2), (seq_len, len(column))
    )
