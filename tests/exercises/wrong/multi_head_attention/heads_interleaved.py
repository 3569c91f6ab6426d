# Named: heads interleaved
import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, d, a, H):
        super().__init__()
        self.H = H
        self.query = nn.Linear(d, a, bias=False)
        self.key = nn.Linear(d, a, bias=False)
        self.value = nn.Linear(d, a, bias=False)
        self.output = nn.Linear(a, a, bias=False)

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = (
            f(x).view(B, T, self.H, -1).transpose(1, 2)
            for f in (self.query, self.key, self.value)
        )
        s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        s = s.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
        return self.output((s.softmax(-1) @ v).permute(0, 2, 3, 1).reshape(B, T, -1))
