import torch


def linear(x, weight, bias):
    nodes = [(x * row).sum(dim=-1) + number for row, number in zip(weight, bias)]
    return torch.stack(nodes, dim=-1)
