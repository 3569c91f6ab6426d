import torch


def masked_mean(vectors, ids):
    means = []
    for row, words in zip(vectors, ids):
        kept = row[words != 0]
        means.append(kept.mean(dim=0) if len(kept) else torch.zeros(row.shape[-1]))
    return torch.stack(means)
