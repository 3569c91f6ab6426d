import torch
from torch import nn


class Solution:
    def compute_activation_stats(self, model, x):
        stats = []
        with torch.no_grad():
            for layer in model:
                x = layer(x)
                if isinstance(layer, nn.Linear):
                    dead = (x <= 0).all(dim=0).float()
                    mean, std = x.mean().item(), x.std().item()
                    stats.append({"mean": mean, "std": std, "dead_fraction": dead.mean().item()})
        return stats

    def compute_gradient_stats(self, model, x, y):
        model.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        stats = []
        for layer in model:
            if isinstance(layer, nn.Linear):
                grad = layer.weight.grad
                mean, std = grad.mean().item(), grad.std().item()
                stats.append({"mean": mean, "std": std, "norm": grad.norm().item()})
        return stats

    def diagnose(self, activation_stats, gradient_stats):
        if any(layer["dead_fraction"] > 0.5 for layer in activation_stats):
            return "dead_neurons"
        if any(layer["norm"] > 1000 for layer in gradient_stats):
            return "exploding_gradients"
        if gradient_stats[-1]["norm"] < 1e-5:
            return "vanishing_gradients"
        for layer in activation_stats:
            if layer["std"] < 0.1:
                return "vanishing_gradients"
            if layer["std"] > 10:
                return "exploding_gradients"
        return "healthy"
