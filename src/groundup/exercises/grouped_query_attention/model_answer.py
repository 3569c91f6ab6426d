import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        head_dim = model_dim // num_heads
        self.num_heads, self.num_kv_heads = num_heads, num_kv_heads
        self.query = nn.Linear(model_dim, num_heads * head_dim, bias=False)
        self.key = nn.Linear(model_dim, num_kv_heads * head_dim, bias=False)
        self.value = nn.Linear(model_dim, num_kv_heads * head_dim, bias=False)
        self.output = nn.Linear(num_heads * head_dim, model_dim, bias=False)

    def forward(self, x):
        q = self.split(self.query(x), self.num_heads)
        k = self.split(self.key(x), self.num_kv_heads)
        v = self.split(self.value(x), self.num_kv_heads)
        # Query heads that follow each other share a key-value head: 0, 0, 1, 1, …
        group = self.num_heads // self.num_kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        return self.output((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split(self, vectors, num_heads):
        # (B, T, heads * h) → (B, heads, T, h)
        return vectors.unflatten(-1, (num_heads, -1)).transpose(1, 2)
