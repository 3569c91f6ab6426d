# Named: only the newest tokens kept, though all are returned
import torch
from torch import nn


class KVCache:
    def __init__(self):
        self.clear()

    def clear(self):
        self.held = None

    def update(self, keys, values):
        new = keys, values
        if self.held is not None:
            keys, values = (torch.cat(pair, 1) for pair in zip(self.held, new))
        self.held = new
        return keys, values


class CachedAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query = nn.Linear(d, d, bias=False)
        self.key = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d, bias=False)

    def forward(self, x, cache=None):
        q, k, v = self.query(x), self.key(x), self.value(x)
        if cache is not None:
            k, v = cache.update(k, v)
        t, T = q.shape[1], k.shape[1]
        s = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
        return s.masked_fill(torch.ones(t, T).tril(T - t) == 0, -torch.inf).softmax(-1) @ v
