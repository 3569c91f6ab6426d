import math

import torch
from torch import nn


class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        self.first = nn.Parameter(torch.randn(embedding_dim, attention_dim))
        self.second = nn.Parameter(torch.randn(embedding_dim, attention_dim))
        self.third = nn.Parameter(torch.randn(embedding_dim, attention_dim))

    def forward(self, x):
        values, queries, keys = x @ self.first, x @ self.second, x @ self.third
        rows = []
        for t in range(x.shape[1]):
            seen = keys[:, : t + 1]
            scores = (queries[:, t : t + 1] * seen).sum(-1) / math.sqrt(seen.shape[-1])
            weights = torch.exp(scores - scores.amax(-1, keepdim=True))
            weights = weights / weights.sum(-1, keepdim=True)
            rows.append((weights[..., None] * values[:, : t + 1]).sum(1))
        return torch.stack(rows, dim=1)
