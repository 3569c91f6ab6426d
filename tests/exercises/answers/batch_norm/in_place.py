import numpy as np


def batch_norm(x, gamma, beta, running_mean, running_var, momentum, eps, training):
    mean, var = running_mean.copy(), running_var.copy()
    if training:
        mean, var = x.mean(0), x.var(0)
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var - running_var)
    return (x - mean) * (gamma / np.sqrt(var + eps)) + beta, running_mean, running_var
