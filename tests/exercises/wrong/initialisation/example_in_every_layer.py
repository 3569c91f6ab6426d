# Named: every layer reads the example, with weights for it
import torch, math
class Solution:
    def xavier_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / (fan_in + fan_out))
    def kaiming_init(self, fan_in, fan_out):
        return torch.randn(fan_out, fan_in) * math.sqrt(2 / fan_in)
    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        x = torch.randn(1, input_dim)
        out = []
        for i in range(num_layers):
            if init_type == "xavier":
                w = self.xavier_init(input_dim, hidden_dim)
            elif init_type == "kaiming":
                w = self.kaiming_init(input_dim, hidden_dim)
            else:
                w = torch.randn(hidden_dim, input_dim)
            h = torch.relu(x @ w.T)
            out.append(h.std().item())
        return out
