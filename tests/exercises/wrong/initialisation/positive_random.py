# Named: random weights positive
import math
import torch


class Solution:
    def xavier_init(self, fan_in, fan_out):
        std = math.sqrt(2.0 / (fan_in + fan_out))
        weights = torch.normal(0.0, std, size=(fan_out, fan_in))
        return weights

    def kaiming_init(self, fan_in, fan_out):
        std = math.sqrt(2.0) / math.sqrt(fan_in)
        weights = torch.normal(0.0, std, size=(fan_out, fan_in))
        return weights

    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        x = torch.randn(1, input_dim)
        stds = []
        prev = input_dim
        for layer in range(num_layers):
            if init_type == "xavier":
                W = self.xavier_init(prev, hidden_dim)
            elif init_type == "kaiming":
                W = self.kaiming_init(prev, hidden_dim)
            else:
                W = torch.rand(hidden_dim, prev)
            x = torch.relu(torch.matmul(x, W.T))
            stds.append(x.std().item())
            prev = hidden_dim
        return stds
