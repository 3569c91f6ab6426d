# Named: rescaled in evaluation instead of training
import torch


class Solution:
    def dropout(self, x, p, training):
        if training:
            return torch.where(torch.rand_like(x) < p, torch.zeros_like(x), x)
        return (1 - p) * x
