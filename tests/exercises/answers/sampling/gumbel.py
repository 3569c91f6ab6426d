import torch


def sample(logits, temperature, top_k):
    if not temperature:
        return max(range(len(logits)), key=lambda i: float(logits[i]))
    noisy = logits / temperature - torch.log(-torch.log(torch.rand(len(logits)).clamp(1e-20, 1 - 1e-7)))
    if top_k:
        noisy[logits.argsort()[: len(logits) - top_k]] = -torch.inf
    return int(noisy.argmax())
