import math

import torch


class Solution:
    def xavier_init(self, fan_in: int, fan_out: int) -> list[list[float]]:
        torch.manual_seed(0)
        std = math.sqrt(2.0 / (fan_in + fan_out))
        return torch.round(torch.randn(fan_out, fan_in) * std, decimals=4).tolist()

    def kaiming_init(self, fan_in: int, fan_out: int) -> list[list[float]]:
        torch.manual_seed(0)
        std = math.sqrt(2.0 / fan_in)
        return torch.round(torch.randn(fan_out, fan_in) * std, decimals=4).tolist()

    def check_activations(self, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> list[float]:
        torch.manual_seed(0)
        x = torch.randn(1, input_dim)
        result = []
        fan_in = input_dim
        for _ in range(num_layers):
            if init_type == "xavier":
                std = math.sqrt(2.0 / (fan_in + hidden_dim))
            elif init_type == "kaiming":
                std = math.sqrt(2.0 / fan_in)
            else:
                std = 1.0
            w = torch.randn(hidden_dim, fan_in) * std
            x = torch.relu(x @ w.T)
            result.append(round(x.std().item(), 2))
            fan_in = hidden_dim
        return result
