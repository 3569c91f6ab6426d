import numpy as np


class Solution:
    def softmax(self, z):
        # No exponent is above 0, so no power overflows.
        powers = np.exp(z - z.max())
        return powers / powers.sum()
