import torch
from torch import nn


class KVCache:
    def __init__(self):
        self.keys = self.values = None

    def update(self, keys, values):
        if self.keys is not None:
            keys = torch.cat([self.keys, keys], dim=1)
            values = torch.cat([self.values, values], dim=1)
        self.keys, self.values = keys, values
        return keys, values

    def clear(self):
        self.keys = self.values = None


class CachedAttention(nn.Module):
    def __init__(self, model_dim):
        super().__init__()
        self.key = nn.Linear(model_dim, model_dim, bias=False)
        self.query = nn.Linear(model_dim, model_dim, bias=False)
        self.value = nn.Linear(model_dim, model_dim, bias=False)

    def forward(self, x, cache=None):
        q, k, v = self.query(x), self.key(x), self.value(x)
        if cache is not None:
            k, v = cache.update(k, v)
        scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5  # (B, T_new, T)
        # New token i is at position old + i, and must not see later ones.
        old = k.shape[1] - q.shape[1]
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=old + 1)
        weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        return weights @ v
