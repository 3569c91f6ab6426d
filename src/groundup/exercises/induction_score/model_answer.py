import torch


class Solution:
    def induction_score(self, weights, length):
        queries = torch.arange(length, 2 * length)
        # The token after the earlier occurrence of the query's token.
        keys = queries - length + 1
        return weights[:, queries, keys].mean(dim=1)
