import torch


class Solution:
    def cross_entropy(self, logits, targets):
        # −log softmax(logits)[target] = log Σ e^logits − logits[target]; logsumexp does not overflow.
        chosen = logits[torch.arange(len(targets)), targets]
        return (logits.logsumexp(dim=1) - chosen).mean()
