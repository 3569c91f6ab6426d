# Named: short gradients made longer
import torch


class Solution:
    def clip_gradients(self, gradients, max_norm):
        norm = torch.sqrt(sum(torch.sum(g * g) for g in gradients))
        return [g * (max_norm / (norm + 1e-6)) for g in gradients], float(norm)
