import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.q_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.k_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.v_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.o_proj = nn.Linear(attention_dim, attention_dim, bias=False)

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = (f(x).view(B, T, self.num_heads, -1).transpose(1, 2) for f in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        scores = scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, -1))
