# Named: the mean of the tokens' perplexities
import numpy as np
class Solution:
    def perplexity(self, windows):
        return np.mean(np.exp(np.concatenate(windows)))
    def bits_per_character(self, windows, characters):
        return np.concatenate(windows).sum() / np.log(2) / characters
