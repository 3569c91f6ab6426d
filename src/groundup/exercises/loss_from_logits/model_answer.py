import torch


class Solution:
    def cross_entropy(self, logits, targets):
        # −log softmax(z)[target] = log Σ eᶻ − z[target], without overflow.
        chosen = logits[torch.arange(len(targets)), targets]
        return (logits.logsumexp(dim=1) - chosen).mean()
