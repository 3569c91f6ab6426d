# Named: a new example for every layer
import torch, math
class Solution:
    def xavier_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / (fan_in + fan_out))
    def kaiming_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / fan_in)
    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        out = []
        fan = input_dim
        for i in range(num_layers):
            x = torch.randn(1, fan)
            if init_type == "xavier":
                w = self.xavier_init(fan, hidden_dim)
            elif init_type == "kaiming":
                w = self.kaiming_init(fan, hidden_dim)
            else:
                w = torch.randn(hidden_dim, fan)
            x = torch.relu(x @ w.T)
            out.append(x.std().item())
            fan = hidden_dim
        return out
