import numpy as np


class Solution:
    def rms_norm(self, x, gamma, eps):
        raise NotImplementedError
