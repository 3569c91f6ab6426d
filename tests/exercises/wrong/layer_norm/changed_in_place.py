# Named: x changed in place
import numpy as np


class Solution:
    def forward(self, x, gamma, beta):
        x -= np.mean(x)
        x /= np.sqrt(np.mean(x**2) + 1e-5)
        x *= gamma
        x += beta
        return x
