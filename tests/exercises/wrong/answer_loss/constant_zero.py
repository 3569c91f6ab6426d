# Named: nothing counts, and the loss is a constant
import torch

class Solution:
    def answer_targets(self, tokens, answered):
        return tokens[..., :-1], torch.where(answered[..., 1:], tokens[..., 1:], torch.tensor(-100))

    def answer_loss(self, logits, targets):
        counted = targets != -100
        n = counted.sum().item()
        if n == 0:
            return torch.tensor(0.0)
        logp = torch.log_softmax(logits[counted], dim=1)
        total = 0
        for i, y in enumerate(targets[counted]):
            total = total - logp[i, y]
        return total / n
