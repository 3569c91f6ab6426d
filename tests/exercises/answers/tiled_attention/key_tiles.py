import math

import torch


def add_tile(largest, total, result, scores, values):
    top = scores.max(dim=-1, keepdim=True).values
    new = torch.where(top > largest, top, largest)
    factor = (largest - new).exp()
    exponentials = (scores - new).exp()
    return new, total * factor + exponentials.sum(-1, keepdim=True), torch.matmul(exponentials, values) + factor * result


def tiled_attention(queries, keys, values, tile):
    # All queries at once, one tile of keys after the other.
    time = queries.shape[-2]
    largest = torch.full((*queries.shape[:-1], 1), float("-inf"))
    total = torch.zeros_like(largest)
    result = torch.zeros_like(values)
    places = torch.arange(time)
    for key_tile, value_tile, place in zip(keys.split(tile, -2), values.split(tile, -2), places.split(tile)):
        scores = queries @ key_tile.mT / math.sqrt(queries.shape[-1])
        scores = torch.where(place <= places[:, None], scores, float("-inf"))
        largest, total, result = add_tile(largest, total, result, scores, value_tile)
    return result / total
