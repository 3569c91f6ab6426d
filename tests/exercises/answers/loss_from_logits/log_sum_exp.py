import torch


class Solution:
    def cross_entropy(self, logits, targets):
        return (torch.logsumexp(logits, dim=-1) - logits[torch.arange(len(targets)), targets]).mean()
