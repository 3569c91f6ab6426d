# Named: nothing counts, and the loss is NaN
import torch

class Solution:
    def answer_targets(self, tokens, answered):
        return tokens[..., :-1], torch.where(answered[..., 1:], tokens[..., 1:], -100)

    def answer_loss(self, logits, targets):
        counted = targets != -100
        rows = logits[counted]
        wanted = targets[counted]
        losses = torch.logsumexp(rows, dim=-1) - rows[torch.arange(len(rows)), wanted]
        return losses.sum() / counted.sum()
