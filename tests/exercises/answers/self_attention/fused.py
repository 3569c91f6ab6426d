import torch
from torch import nn


class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        self.c_attn = nn.Linear(embedding_dim, 3 * attention_dim, bias=False)

    def forward(self, x):
        q, k, v = self.c_attn(x).chunk(3, dim=-1)
        scores = torch.einsum("bta,bsa->bts", q, k) * q.shape[-1] ** -0.5
        future = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        return torch.einsum("bts,bsa->bta", scores.masked_fill(future, -torch.inf).softmax(-1), v)
