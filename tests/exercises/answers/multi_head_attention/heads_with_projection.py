import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(d, h, bias=False) for _ in range(3))

    def forward(self, x):
        T = x.shape[1]
        scores = self.query(x) @ self.key(x).mT / self.key.out_features**0.5
        return (scores + torch.full((T, T), float("-inf")).triu(1)).softmax(-1) @ self.value(x)


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.heads = nn.ModuleList([Head(embedding_dim, attention_dim // num_heads) for _ in range(num_heads)])
        self.output_projection = nn.Linear(attention_dim, attention_dim, bias=False)

    def forward(self, x):
        return self.output_projection(torch.cat([head(x) for head in self.heads], -1))
