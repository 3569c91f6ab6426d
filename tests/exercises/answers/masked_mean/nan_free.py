import torch


def average_words(vectors, ids):
    hidden = (ids == 0)[..., None].expand_as(vectors)
    count = (ids != 0).sum(1)
    count[count == 0] = 1
    return vectors.masked_fill(hidden, 0.0).sum(1) / count[:, None]
