# Named: shared by all objects
import torch
from torch import nn
class KVCache:
    keys = []
    values = []
    def __init__(self):
        pass
    def update(self, keys, values):
        self.keys.append(keys)
        self.values.append(values)
        return torch.cat(self.keys, dim=1), torch.cat(self.values, dim=1)
    def clear(self):
        self.keys = []
        self.values = []
class CachedAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.key = nn.Linear(d, d, bias=False)
        self.query = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d, bias=False)
    def forward(self, x, cache=None):
        q, k, v = self.query(x), self.key(x), self.value(x)
        if cache is not None:
            k, v = cache.update(k, v)
        s = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        old = k.shape[1] - q.shape[1]
        s = s.masked_fill(torch.ones_like(s, dtype=torch.bool).triu(old + 1), float("-inf"))
        return torch.softmax(s, -1) @ v
