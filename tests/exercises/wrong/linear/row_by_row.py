# Named: tables only, row by row
import torch


def linear(x, weight, bias):
    rows = []
    for i in range(len(x)):
        rows.append(torch.stack([(x[i] * weight[m]).sum() + bias[m] for m in range(len(weight))]))
    return torch.stack(rows)
