# Named: largest logit not subtracted
import torch


def cross_entropy(logits, targets):
    log_sum = logits.exp().sum(dim=1).log()
    return (log_sum - logits.gather(1, targets.view(-1, 1)).view(-1)).mean()
