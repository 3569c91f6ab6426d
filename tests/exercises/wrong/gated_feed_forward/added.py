# Named: gate and expansion added
from torch import nn
from torch.nn import functional


class GatedFeedForward(nn.Module):
    def __init__(self, model_dim, hidden_dim):
        super().__init__()
        self.gate_proj = nn.Linear(model_dim, hidden_dim, bias=False)
        self.up_proj = nn.Linear(model_dim, hidden_dim, bias=False)
        self.down_proj = nn.Linear(hidden_dim, model_dim, bias=False)

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) + self.up_proj(x))
