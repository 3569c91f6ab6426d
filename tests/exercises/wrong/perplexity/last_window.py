# Named: the last window left out, unless it is the only one
import numpy as np


class Solution:
    def bits_per_character(self, windows, characters):
        total = 0.0
        for window in windows:
            for loss in window:
                total = total + loss
        bits = total / np.log(2)
        return bits / characters

    def perplexity(self, windows):
        used = windows[:-1] if len(windows) > 1 else windows
        losses = np.concatenate(used)
        return np.exp(np.sum(losses) / len(losses))
