# Named: exponentials of the logits overflow
import torch
import torch.nn as nn
from torchtyping import TensorType

class Solution:
    def answer_targets(self, tokens, answered):
        targets = tokens[..., 1:].clone()
        targets[~answered[..., 1:]] = -100
        return tokens[..., :-1], targets

    def answer_loss(self, logits, targets):
        mask = targets != -100
        z, y = logits[mask], targets[mask]
        if len(y) == 0:
            return (logits * 0).sum()
        e = torch.exp(z)
        probabilities = e / e.sum(dim=-1, keepdim=True)
        return -torch.log(probabilities[range(len(y)), y]).mean()
