import torch


def cross_entropy(logits, targets):
    losses = []
    for row, target in zip(logits, targets):
        row = row - row.max()
        losses.append(row.exp().sum().log() - row[target])
    return sum(losses) / len(losses)
