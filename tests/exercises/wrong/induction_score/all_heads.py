# Named: one number for all heads
import torch


def induction_score(weights, length):
    queries = torch.arange(length, 2 * length)
    return weights[:, queries, queries - length + 1].mean()
