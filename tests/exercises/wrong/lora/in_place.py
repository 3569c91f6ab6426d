# Named: merged into the caller's weight
class Solution:
    def low_rank_change(self, x, down, up, alpha):
        return (x @ down.T @ up.T) * alpha / down.shape[0]

    def merge(self, weight, down, up, alpha):
        weight += alpha / down.shape[0] * up @ down
        return weight
