import torch
from torch import nn


class GPT(nn.Module):
    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, context):
        raise NotImplementedError
