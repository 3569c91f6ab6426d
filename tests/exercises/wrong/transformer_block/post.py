# Named: normalized after, not before
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)

    def forward(self, x):
        q, k, v = (part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        hidden = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        return (scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v).transpose(1, 2).flatten(2)


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        self.attention = Attention(model_dim, num_heads)
        self.mlp = nn.Sequential(
            nn.Linear(model_dim, 4 * model_dim), nn.ReLU(), nn.Linear(4 * model_dim, model_dim), nn.Dropout(0.2)
        )
        self.norm1 = nn.LayerNorm(model_dim)
        self.norm2 = nn.LayerNorm(model_dim)

    def forward(self, embedded):
        embedded = self.norm1(embedded + self.attention(embedded))
        return self.norm2(embedded + self.mlp(embedded))
