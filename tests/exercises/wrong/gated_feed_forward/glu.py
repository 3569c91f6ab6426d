# Named: sigmoid instead of SiLU
import torch
from torch import nn


class GatedFeedForward(nn.Module):
    def __init__(self, model_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(model_dim, hidden_dim, bias=False)
        self.expand = nn.Linear(model_dim, hidden_dim, bias=False)
        self.contract = nn.Linear(hidden_dim, model_dim, bias=False)

    def forward(self, x):
        return self.contract(torch.sigmoid(self.gate(x)) * self.expand(x))
