import torch
from torch import nn

DEVIATIONS = {
    "xavier": lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 0.5,
    "kaiming": lambda fan_in, fan_out: (2 / fan_in) ** 0.5,
    "random": lambda fan_in, fan_out: 1.0,
}


def xavier_init(fan_in, fan_out):
    return torch.empty(fan_out, fan_in).normal_(0, DEVIATIONS["xavier"](fan_in, fan_out))


def kaiming_init(fan_in, fan_out):
    return torch.empty(fan_out, fan_in).normal_(0, DEVIATIONS["kaiming"](fan_in, fan_out))


@torch.no_grad()
def check_activations(num_layers, input_dim, hidden_dim, init_type):
    x = torch.randn(1, input_dim)
    spreads = []
    for _ in range(num_layers):
        layer = nn.Linear(x.shape[1], hidden_dim, bias=False)
        layer.weight.normal_(0, DEVIATIONS[init_type](x.shape[1], hidden_dim))
        x = layer(x).clamp(min=0)
        spreads.append(float(x.std()))
    return spreads
