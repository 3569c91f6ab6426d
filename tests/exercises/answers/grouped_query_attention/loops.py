import math

import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        h = model_dim // num_heads
        self.group = num_heads // num_kv_heads
        self.query = nn.ModuleList([nn.Linear(model_dim, h, bias=False) for _ in range(num_heads)])
        self.key = nn.ModuleList([nn.Linear(model_dim, h, bias=False) for _ in range(num_kv_heads)])
        self.value = nn.ModuleList([nn.Linear(model_dim, h, bias=False) for _ in range(num_kv_heads)])
        self.out = nn.Linear(model_dim, model_dim, bias=False)

    def forward(self, x):
        T = x.shape[1]
        hidden = torch.triu(torch.full((T, T), -math.inf), 1)
        results = []
        for i, query in enumerate(self.query):
            key, value = self.key[i // self.group](x), self.value[i // self.group](x)
            scores = query(x) @ key.mT / math.sqrt(key.shape[-1]) + hidden
            results.append(scores.softmax(-1) @ value)
        return self.out(torch.cat(results, -1))
