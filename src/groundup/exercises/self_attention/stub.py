import torch
from torch import nn


class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        raise NotImplementedError
