import torch
from torch.nn import functional


def dpo_loss(chosen, rejected, reference_chosen, reference_rejected, beta):
    # Two classes per pair, the chosen answer is class 0.
    logits = beta * torch.stack([chosen - reference_chosen, rejected - reference_rejected], dim=1)
    return functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
