# Named: zeros written into x
import torch


def dropout(x, p, training):
    if not training:
        return x
    with torch.no_grad():
        x[torch.rand(x.shape) < p] = 0.0
    return x / (1 - p)
