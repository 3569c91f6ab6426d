import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.output = nn.Linear(attention_dim, attention_dim, bias=False)

    def forward(self, embedded):
        q = self.split(self.query(embedded))
        k = self.split(self.key(embedded))
        v = self.split(self.value(embedded))
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        return self.output((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split(self, vectors):
        # (B, T, H * h) → (B, H, T, h)
        return vectors.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
