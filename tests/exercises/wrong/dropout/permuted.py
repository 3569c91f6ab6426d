# Named: always the same number off
import torch


def dropout(x, p, training):
    if not training:
        return x
    out = x.clone().reshape(-1)
    out[torch.randperm(out.numel())[: int(out.numel() * p)]] = 0
    return out.reshape(x.shape) / (1 - p)
