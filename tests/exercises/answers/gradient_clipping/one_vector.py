import torch


def clip_gradients(gradients, max_norm):
    every = torch.cat([gradient.reshape(-1) for gradient in gradients])
    norm = torch.linalg.vector_norm(every)
    every = every / max(1.0, float(norm) / max_norm)
    parts = every.split([gradient.numel() for gradient in gradients])
    return [part.view(gradient.shape) for part, gradient in zip(parts, gradients)], norm
