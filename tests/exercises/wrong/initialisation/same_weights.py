# Named: the same weights in every hidden layer
import math

import torch


class Solution:
    def xavier_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / (fan_in + fan_out))

    def kaiming_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / fan_in)

    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        inits = {"xavier": self.xavier_init, "kaiming": self.kaiming_init, "random": lambda i, o: torch.randn(o, i)}
        first, others = inits[init_type](input_dim, hidden_dim), inits[init_type](hidden_dim, hidden_dim)
        x, spreads = torch.randn(1, input_dim), []
        for layer in range(num_layers):
            x = torch.relu(x @ (others if layer else first).T)
            spreads.append(round(x.std().item(), 2))
        return spreads
