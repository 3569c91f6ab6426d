# Named: each tensor clipped by itself
import torch


def clip_gradients(gradients, max_norm):
    total = torch.sqrt(sum((g**2).sum() for g in gradients))
    clipped = []
    for g in gradients:
        norm = torch.linalg.norm(g.flatten())
        clipped.append(g * max_norm / norm if norm > max_norm else g)
    return clipped, total.item()
