import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        raise NotImplementedError
