# Named: the mean of the windows' perplexities, by their tokens
import numpy as np
class Solution:
    def perplexity(self, windows):
        n = sum(len(w) for w in windows)
        return sum(np.exp(w.mean()) * len(w) for w in windows if len(w)) / n
    def bits_per_character(self, windows, characters):
        return sum(float(w.sum()) for w in windows) / np.log(2) / characters
