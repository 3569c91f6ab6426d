class Solution:
    def low_rank_change(self, x, down, up, alpha):
        return alpha / down.shape[0] * (x @ down.T @ up.T)

    def merge(self, weight, down, up, alpha):
        return weight + alpha / down.shape[0] * (up @ down)
