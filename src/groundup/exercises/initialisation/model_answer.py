import torch


class Solution:
    def xavier_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * (2 / (fan_in + fan_out)) ** 0.5

    def kaiming_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * (2 / fan_in) ** 0.5

    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        x = torch.randn(1, input_dim)
        stds = []
        for _ in range(num_layers):
            fan_in = x.shape[1]
            if init_type == "xavier":
                weight = self.xavier_init(fan_in, hidden_dim)
            elif init_type == "kaiming":
                weight = self.kaiming_init(fan_in, hidden_dim)
            else:
                weight = torch.randn(hidden_dim, fan_in)
            x = torch.relu(x @ weight.T)
            stds.append(x.std().item())
        return stds
