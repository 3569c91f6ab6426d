# Named: short gradients made longer, those of length 0 NaN
import torch


class Solution:
    def clip_gradients(self, gradients, max_norm):
        norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
        factor = max_norm / norm
        return [factor * gradient for gradient in gradients], norm.item()
