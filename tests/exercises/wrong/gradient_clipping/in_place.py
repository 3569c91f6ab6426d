# Named: the input changed in place
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return gradients, norm.item()
