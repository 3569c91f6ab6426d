# Named: only the right logit
import torch


def cross_entropy(logits, targets):
    return -logits[torch.arange(len(targets)), targets].mean()
