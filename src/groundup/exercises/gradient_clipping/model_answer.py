import torch


class Solution:
    def clip_gradients(self, gradients, max_norm):
        norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
        factor = max_norm / norm if norm > max_norm else 1.0
        return [factor * gradient for gradient in gradients], norm.item()
