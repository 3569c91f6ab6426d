import numpy as np


class Solution:
    def batch_norm(self, x, gamma, beta, running_mean, running_var, momentum, eps, training):
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            running_mean = (1 - momentum) * running_mean + momentum * mean
            running_var = (1 - momentum) * running_var + momentum * var
        else:
            mean, var = running_mean, running_var
        normalized = (x - mean) / np.sqrt(var + eps)
        return gamma * normalized + beta, running_mean, running_var
