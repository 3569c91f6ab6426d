import torch
import torch.nn as nn


class Solution:
    def detect_dead_neurons(self, model: nn.Module, x: torch.Tensor) -> list[float]:
        model.eval()
        result = []
        with torch.no_grad():
            for module in model.children():
                x = module(x)
                if isinstance(module, nn.ReLU):
                    dead = (x == 0).all(dim=0)
                    result.append(round(dead.float().mean().item(), 4))
        return result

    def suggest_fix(self, dead_fractions: list[float]) -> str:
        if not dead_fractions:
            return "healthy"
        if max(dead_fractions) > 0.5:
            return "use_leaky_relu"
        if dead_fractions[0] > 0.3:
            return "reinitialize"
        increasing = True
        for i in range(1, len(dead_fractions)):
            if dead_fractions[i] <= dead_fractions[i - 1]:
                increasing = False
                break
        if increasing and dead_fractions[-1] > 0.1:
            return "reduce_learning_rate"
        return "healthy"
