# Named: no gradient
import torch


def cross_entropy(logits, targets):
    total = 0.0
    for row, target in zip(logits, targets):
        total += (torch.logsumexp(row, 0) - row[target]).item()
    return torch.tensor(total / len(targets))
