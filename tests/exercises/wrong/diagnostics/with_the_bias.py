# Named: weight and bias together
import torch
from torch import nn


class Solution:
    def compute_activation_stats(self, model, x):
        stats = []
        for layer in model:
            x = layer(x)
            if isinstance(layer, nn.Linear):
                dead = (x <= 0).all(dim=0).float().mean().item()
                stats.append({"mean": x.mean().item(), "std": x.std().item(), "dead_fraction": dead})
        return stats

    def compute_gradient_stats(self, model, x, y):
        model.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        stats = []
        for layer in model:
            if isinstance(layer, nn.Linear):
                g = torch.cat([layer.weight.grad.flatten(), layer.bias.grad])
                stats.append({"mean": g.mean().item(), "std": g.std().item(), "norm": g.norm().item()})
        return stats

    def diagnose(self, activation_stats, gradient_stats):
        if any(s["dead_fraction"] > 0.5 for s in activation_stats):
            return "dead_neurons"
        if any(s["norm"] > 1000 for s in gradient_stats):
            return "exploding_gradients"
        if gradient_stats[-1]["norm"] < 1e-5:
            return "vanishing_gradients"
        for s in activation_stats:
            if s["std"] < 0.1:
                return "vanishing_gradients"
            if s["std"] > 10:
                return "exploding_gradients"
        return "healthy"
