# Named: averaged over the features
import torch
from torch import nn


class Solution(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 16)
        self.linear = nn.Linear(16, 1)

    def forward(self, x):
        e = self.embedding(x)
        return torch.sigmoid(self.linear(e.mean(dim=2)))
