import torch
from torch import nn


class KVCache:
    def __init__(self):
        self.pairs = []

    def update(self, keys, values):
        self.pairs.extend(zip(keys.unbind(1), values.unbind(1)))
        return tuple(torch.stack(side, dim=1) for side in zip(*self.pairs))

    def clear(self):
        self.pairs.clear()


class CachedAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(d, d, bias=False) for _ in range(3))

    def forward(self, x, cache=None):
        cache = KVCache() if cache is None else cache
        rows = []
        for token in x.split(1, dim=1):
            keys, values = cache.update(self.key(token), self.value(token))
            weights = (self.query(token) @ keys.mT / x.shape[-1] ** 0.5).softmax(-1)
            rows.append(weights @ values)
        return torch.cat(rows, dim=1)
