import numpy as np


class Solution:
    def perplexity(self, windows):
        bits = sum(float(w.sum()) for w in windows) * np.log2(np.e)
        return round(2 ** (bits / sum(w.size for w in windows)), 4)

    def bits_per_character(self, windows, characters):
        return round(np.log2(np.e) * sum(float(w.sum()) for w in windows) / characters, 4)
