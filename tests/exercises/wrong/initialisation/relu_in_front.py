# Named: ReLU in front of each layer
import math

import torch


def xavier_init(fan_in, fan_out):
    return torch.randn(fan_out, fan_in) * math.sqrt(2 / (fan_in + fan_out))


def kaiming_init(fan_in, fan_out):
    return torch.randn(fan_out, fan_in) * math.sqrt(2 / fan_in)


def check_activations(num_layers, input_dim, hidden_dim, init_type):
    x, out, fan_in = torch.randn(input_dim), [], input_dim
    for _ in range(num_layers):
        if init_type == "xavier":
            W = xavier_init(fan_in, hidden_dim)
        elif init_type == "kaiming":
            W = kaiming_init(fan_in, hidden_dim)
        else:
            W = torch.randn(hidden_dim, fan_in)
        x = W @ torch.relu(x)
        out.append(x.std().item())
        fan_in = hidden_dim
    return out
