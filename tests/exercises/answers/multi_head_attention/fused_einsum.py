import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d, a, heads):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * a, bias=False)

    def forward(self, x):
        q, k, v = (part.unflatten(-1, (self.h, -1)) for part in self.qkv(x).chunk(3, -1))
        scores = torch.einsum("bthc,bshc->bhts", q, k) * q.shape[-1] ** -0.5
        hidden = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        weights = scores.masked_fill(hidden, -1e30).softmax(-1)
        return torch.einsum("bhts,bshc->bthc", weights, v).flatten(2)
