import torch


class Solution:
    def keep_top_p(self, logits, p):
        ordered, places = logits.sort(descending=True, stable=True)
        shares = ordered.softmax(dim=0)
        before = shares.cumsum(dim=0) - shares
        kept = places[before < p]
        result = torch.full_like(logits, float("-inf"))
        result[kept] = logits[kept]
        return result
