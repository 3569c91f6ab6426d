import torch
from torch import nn


class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)

    def forward(self, embedded):
        q, k, v = self.query(embedded), self.key(embedded), self.value(embedded)
        scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5  # (B, T, T)
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        return weights @ v
