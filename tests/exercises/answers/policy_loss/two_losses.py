import torch


def grpo_loss(new, old, reference, advantages, clip, pull):
    ratio = torch.exp(new - old)
    a = advantages.reshape(-1, 1)
    loss = torch.maximum(-a * ratio, -a * torch.clip(ratio, 1.0 - clip, 1.0 + clip)).mean()
    kl = torch.exp(reference - new) - (reference - new) - 1
    return loss + pull * torch.mean(kl)
