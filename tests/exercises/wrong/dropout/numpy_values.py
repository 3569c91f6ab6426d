# Named: no gradient
import numpy as np
import torch


def dropout(x, p, training):
    if not training or p == 0:
        return x
    mask = np.random.rand(*x.shape) >= p
    return torch.from_numpy(x.detach().numpy() * mask.astype(np.float32)) / (1 - p)
