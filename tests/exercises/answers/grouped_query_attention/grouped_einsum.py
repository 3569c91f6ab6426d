import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    def __init__(self, d, heads, shared):
        super().__init__()
        self.h, self.k = d // heads, shared
        self.query = nn.Linear(d, d, bias=False)
        self.key, self.value = (nn.Linear(d, shared * self.h, bias=False) for _ in range(2))

    def forward(self, x):
        q = self.query(x).unflatten(-1, (self.k, -1, self.h))
        k, v = (f(x).unflatten(-1, (self.k, self.h)) for f in (self.key, self.value))
        scores = torch.einsum("btkgh,bskh->bkgts", q, k) * self.h**-0.5
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -torch.inf).softmax(-1)
        return torch.einsum("bkgts,bskh->btkgh", weights, v).flatten(2)
