import torch


def induction_score(weights, length):
    scores = []
    for head in weights:
        total = 0.0
        for i in range(length, len(head)):
            total += head[i][i - length + 1]
        scores.append(total / length)
    return torch.stack(scores)
