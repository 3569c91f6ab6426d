import torch
from torch import nn


class Solution(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        self.table = nn.Parameter(torch.randn(vocabulary_size, 16))
        self.weight, self.bias = nn.Parameter(torch.randn(16, 1)), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        counts = torch.nn.functional.one_hot(x, len(self.table)).float().sum(1)
        counts[:, 0] = 0
        shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
        return shares @ self.table @ self.weight + self.bias
