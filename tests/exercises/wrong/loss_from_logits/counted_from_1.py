# Named: classes counted from 1
import torch


class Solution:
    def cross_entropy(self, logits, targets):
        log_probabilities = torch.log_softmax(logits, dim=1)
        return -log_probabilities[torch.arange(len(targets)), targets - 1].mean()
