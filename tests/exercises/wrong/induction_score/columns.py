# Named: queries and keys exchanged
import torch


def induction_score(weights, length):
    queries = torch.arange(length, 2 * length)
    return weights[:, queries - length + 1, queries].mean(dim=1)
