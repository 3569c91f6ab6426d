# Named: padding averaged, too
import torch


class Solution:
    def masked_mean(self, vectors, ids):
        return torch.sum(vectors, dim=1) / ids.size(1)
