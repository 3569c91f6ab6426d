# Named: the first layer has to be above 0, too
import torch
import torch.nn as nn
from typing import List


class Solution:
    def detect_dead_neurons(self, model: nn.Module, x: torch.Tensor) -> List[float]:
        found = []
        with torch.no_grad():
            for layer in model.children():
                x = layer(x)
                if isinstance(layer, nn.ReLU):
                    found.append(round((x == 0).all(dim=0).float().mean().item(), 4))
        return found

    def suggest_fix(self, dead_fractions: List[float]) -> str:
        if any(f > 0.5 for f in dead_fractions):
            return "use_leaky_relu"
        if dead_fractions and dead_fractions[0] > 0.3:
            return "reinitialize"
        before = 0
        for fraction in dead_fractions:
            if fraction <= before:
                return "healthy"
            before = fraction
        return "reduce_learning_rate" if before > 0.1 else "healthy"
