# Named: ^ written for a power
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((g ^ 2).sum() for g in gradients))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [factor * g for g in gradients], norm.item()
