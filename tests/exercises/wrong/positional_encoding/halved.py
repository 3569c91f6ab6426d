# Named: exponent halved
import numpy as np


class Solution:
    def get_positional_encoding(self, seq_len, d_model):
        table = np.zeros((seq_len, d_model))
        for p in range(seq_len):
            for i in range(d_model // 2):
                angle = p / 10000 ** (i / d_model)
                table[p, 2 * i], table[p, 2 * i + 1] = np.sin(angle), np.cos(angle)
        return table.round(5)
