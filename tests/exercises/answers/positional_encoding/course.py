import numpy as np


class Solution:
    def get_positional_encoding(self, seq_len: int, d_model: int):
        pos = np.arange(seq_len)[:, np.newaxis]
        i = np.arange(0, d_model, 2)
        angles = pos / np.power(10000, i / d_model)
        pe = np.zeros((seq_len, d_model))
        pe[:, 0::2] = np.sin(angles)
        pe[:, 1::2] = np.cos(angles)
        return np.round(pe, 5)
