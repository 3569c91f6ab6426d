# Named: biases counted as layers
import torch
from torch import nn


class Solution:
    @torch.no_grad()
    def compute_activation_stats(self, model, x):
        stats = []
        for layer in model:
            x = layer(x)
            if isinstance(layer, nn.Linear):
                dead = (x <= 0).all(dim=0).float().mean()
                stats.append({"mean": x.mean().item(), "std": x.std().item(), "dead_fraction": dead.item()})
        return stats

    def diagnose(self, activation_stats, gradient_stats):
        for stats in activation_stats:
            if stats['dead_fraction'] > 0.5:
                return 'dead_neurons'
        for stats in gradient_stats:
            if stats['norm'] > 1000:
                return 'exploding_gradients'
        last = gradient_stats[len(gradient_stats) - 1]
        if last['norm'] < 0.00001:
            return 'vanishing_gradients'
        for stats in activation_stats:
            if stats['std'] < 0.1:
                return 'vanishing_gradients'
            elif stats['std'] > 10:
                return 'exploding_gradients'
        return 'healthy'

    def compute_gradient_stats(self, model, x, y):
        for p in model.parameters():
            p.grad = None
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        stats = []
        for p in model.parameters():
            stats.append({"mean": p.grad.mean().item(), "std": p.grad.std().item(), "norm": p.grad.norm().item()})
        return stats
