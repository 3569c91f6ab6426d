# Named: all equal logits kept
import torch


class Solution:
    def keep_top_p(self, logits, p):
        total = 0
        for value in sorted(set(logits.tolist()), reverse=True):
            total += torch.softmax(logits, dim=0)[logits == value].sum().item()
            if total >= p:
                break
        return torch.where(logits >= value, logits, float("-inf"))
