import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
