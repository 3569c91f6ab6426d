import numpy as np


class Solution:
    def batch_norm(self, x, gamma, beta, running_mean, running_var, momentum, eps, training):
        raise NotImplementedError
