import torch


def low_rank_change(x, down, up, alpha):
    r = down.size(0)
    change = 0
    for i in range(r):
        change = change + (x * down[i]).sum(dim=-1, keepdim=True) * up[:, i]
    return change * alpha / r


def merge(weight, down, up, alpha):
    merged = weight.clone()
    for i in range(down.size(0)):
        merged = merged + alpha / down.size(0) * torch.outer(up[:, i], down[i])
    return merged
