# Named: Xavier and Kaiming exchanged
import torch


def xavier_init(fan_in, fan_out):
    return torch.normal(0.0, (2 / (fan_in + fan_out)) ** 0.5, (fan_out, fan_in))


def kaiming_init(fan_in, fan_out):
    return torch.normal(0.0, (2 / fan_in) ** 0.5, (fan_out, fan_in))


def check_activations(num_layers, input_dim, hidden_dim, init_type):
    x = torch.randn(input_dim)
    spreads = []
    for _ in range(num_layers):
        if init_type == "kaiming":
            w = xavier_init(len(x), hidden_dim)
        elif init_type == "xavier":
            w = kaiming_init(len(x), hidden_dim)
        else:
            w = torch.randn(hidden_dim, len(x))
        x = (w @ x).clamp(min=0)
        spreads.append(x.std())
    return spreads
