import torch


class Solution:
    def linear(self, x, weight, bias):
        return torch.matmul(x, weight.transpose(0, 1)) + bias
