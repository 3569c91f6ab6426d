import torch
from torch import nn


class GatedFeedForward(nn.Module):
    def __init__(self, model_dim, hidden_dim):
        super().__init__()
        self.gate_proj = nn.Parameter(torch.randn(hidden_dim, model_dim))
        self.up_proj = nn.Parameter(torch.randn(hidden_dim, model_dim))
        self.down_proj = nn.Parameter(torch.randn(model_dim, hidden_dim))

    def forward(self, x):
        z = torch.einsum("btd,fd->btf", x, self.gate_proj)
        hidden = z / (1 + torch.exp(-z)) * torch.einsum("btd,fd->btf", x, self.up_proj)
        return torch.einsum("btf,df->btd", hidden, self.down_proj)
