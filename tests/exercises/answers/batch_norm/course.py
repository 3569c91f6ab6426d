import numpy as np
from typing import Tuple, List


class Solution:
    def batch_norm(self, x, gamma, beta, running_mean, running_var, momentum, eps, training):
        x = np.array(x)
        running_mean = np.array(running_mean)
        running_var = np.array(running_var)
        if training:
            mean = np.mean(x, axis=0)
            var = np.var(x, axis=0)
            x_hat = (x - mean) / np.sqrt(var + eps)
            running_mean = (1 - momentum) * running_mean + momentum * mean
            running_var = (1 - momentum) * running_var + momentum * var
        else:
            x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = np.array(gamma) * x_hat + np.array(beta)
        return (np.round(out, 4).tolist(), np.round(running_mean, 4).tolist(), np.round(running_var, 4).tolist())
