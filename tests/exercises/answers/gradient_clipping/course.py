from typing import List, Tuple

import torch


class Solution:
    def clip_gradients(self, gradients: List[torch.Tensor], max_norm: float) -> Tuple[List[torch.Tensor], float]:
        total_norm = torch.norm(torch.stack([torch.norm(g) for g in gradients]))
        clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
        return [g * clip_coef for g in gradients], total_norm.item()
