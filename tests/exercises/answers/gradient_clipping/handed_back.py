import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    if norm <= max_norm:
        return gradients, norm
    return [g * (max_norm / norm) for g in gradients], norm
