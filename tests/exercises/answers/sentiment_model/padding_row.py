import torch
from torch import nn


class Solution(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        # The row of padding stays zeros, so that it adds nothing to the sum.
        self.embedding = nn.Embedding(vocabulary_size, 16, padding_idx=0)
        self.linear = nn.Linear(16, 1)

    def forward(self, x):
        total = self.embedding(x).sum(dim=1)
        count = (x != 0).sum(dim=1, keepdim=True).clamp(min=1)
        return torch.sigmoid(self.linear(total / count))
