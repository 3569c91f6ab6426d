import numpy as np


class Solution:
    def get_positional_encoding(self, seq_len, d_model):
        positions = np.arange(seq_len)[:, None]
        angles = positions / 10000 ** (np.arange(0, d_model, 2) / d_model)  # (T, d / 2)
        table = np.zeros((seq_len, d_model))
        table[:, 0::2] = np.sin(angles)
        table[:, 1::2] = np.cos(angles)
        return table
