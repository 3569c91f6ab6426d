import numpy as np
import torch


def dropout(x, p, training=True):
    if not training:
        return x
    mask = torch.from_numpy(np.random.random(tuple(x.shape)) < p)
    return x.masked_fill(mask, 0.0).div(1 - p)
