# Named: words after the first padding left out
import torch


def masked_mean(vectors, ids):
    rows = []
    for v, i in zip(vectors, ids.tolist()):
        n = i.index(0) if 0 in i else len(i)
        rows.append(v[:n].mean(0) if n else torch.zeros_like(v[0]))
    return torch.stack(rows)
