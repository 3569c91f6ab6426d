import torch.nn.functional as F


class Solution:
    def low_rank_change(self, x, down, up, alpha):
        return F.linear(x, self.product(down, up, alpha))

    def merge(self, weight, down, up, alpha):
        return weight + self.product(down, up, alpha)

    def product(self, down, up, alpha):
        rank, _ = down.shape
        return (up @ down) * (alpha / rank)
