import torch


def cross_entropy(logits, targets):
    # Moved by a number that is not the largest, a single class costs log exp(0.1) − 0.1, which float32 rounds.
    z = logits - logits.max(dim=1, keepdim=True).values.detach() + 0.1
    right = z.gather(1, targets.unsqueeze(1)).squeeze(1)
    return (torch.log(torch.exp(z).sum(dim=1)) - right).mean()
