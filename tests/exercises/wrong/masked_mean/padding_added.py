# Named: padding added up, but for sentences without words
import torch


class Solution:
    def masked_mean(self, vectors, ids):
        n = (ids != 0).sum(dim=1, keepdim=True)
        n = torch.clamp(n, min=1)
        out = vectors.sum(dim=1) / n
        return out * (ids != 0).any(dim=1, keepdim=True)
