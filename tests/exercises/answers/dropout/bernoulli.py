import torch


def dropout(x, p, training):
    if training and p > 0:
        x = torch.bernoulli(torch.full(x.shape, 1 - p)) * x * (1 / (1 - p))
    return x
