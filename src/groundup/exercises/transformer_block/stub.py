import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, embedded):
        raise NotImplementedError
