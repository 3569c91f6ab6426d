# Named: only the right logit, less the largest
import torch


def cross_entropy(logits, targets):
    logits = logits - logits.max(-1, keepdim=True).values
    return -logits[torch.arange(len(targets)), targets].mean()
