# Named: no gradient
import numpy as np
import torch


class Solution:
    def linear(self, x, weight, bias):
        result = np.matmul(x.detach().numpy(), weight.detach().numpy().T) + bias.detach().numpy()
        return torch.from_numpy(result)
