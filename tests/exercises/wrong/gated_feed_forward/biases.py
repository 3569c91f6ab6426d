# Named: a bias in all maps
from torch import nn
from torch.nn import functional


class GatedFeedForward(nn.Module):
    def __init__(self, model_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(model_dim, hidden_dim)
        self.expand = nn.Linear(model_dim, hidden_dim)
        self.contract = nn.Linear(hidden_dim, model_dim)

    def forward(self, x):
        return self.contract(functional.silu(self.gate(x)) * self.expand(x))
