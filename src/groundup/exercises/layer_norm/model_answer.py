import numpy as np


class Solution:
    def forward(self, x, gamma, beta):
        normalized = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
        return gamma * normalized + beta
