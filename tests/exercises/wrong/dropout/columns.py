# Named: the same nodes in every row
import torch


class Solution:
    def dropout(self, x, p, training):
        if training:
            keep = torch.bernoulli(torch.full((x.shape[-1],), 1 - p))
            x = x * keep / (1 - p)
        return x
