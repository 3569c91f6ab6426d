import torch
from torch import nn


class Solution(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 16)
        self.linear = nn.Linear(16, 1)

    def forward(self, x):
        # The padding is left out: a score must not depend on its length.
        is_word = (x != 0).unsqueeze(2)  # (B, T, 1)
        total = (self.embedding(x) * is_word).sum(dim=1)
        # At least 1, for a sentence without words.
        count = is_word.sum(dim=1).clamp(min=1)
        average = total / count
        return torch.sigmoid(self.linear(average))
