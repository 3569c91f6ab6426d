# Named: vanishing looked for in every layer
import torch
import torch.nn as nn


class Solution:
    def compute_activation_stats(
        self, model: nn.Module, x: torch.Tensor
    ) -> list[dict[str, float]]:
        stats = []
        with torch.no_grad():
            for module in model.children():
                x = module(x)
                if isinstance(module, nn.Linear):
                    dead = (x <= 0).all(dim=0).float().mean().item()
                    stats.append(
                        {
                            "mean": round(x.mean().item(), 4),
                            "std": round(x.std().item(), 4),
                            "dead_fraction": round(dead, 4),
                        }
                    )
        return stats

    def compute_gradient_stats(
        self, model: nn.Module, x: torch.Tensor, y: torch.Tensor
    ) -> list[dict[str, float]]:
        model.zero_grad()
        nn.MSELoss()(model(x), y).backward()
        stats = []
        for module in model.modules():
            if isinstance(module, nn.Linear):
                grad = module.weight.grad
                stats.append(
                    {
                        "mean": round(grad.mean().item(), 4),
                        "std": round(grad.std().item(), 4),
                        "norm": round(grad.norm().item(), 4),
                    }
                )
        return stats

    def diagnose(
        self,
        activation_stats: list[dict[str, float]],
        gradient_stats: list[dict[str, float]],
    ) -> str:
        for s in activation_stats:
            if s["dead_fraction"] > 0.5:
                return "dead_neurons"
        for s in gradient_stats:
            if s["norm"] > 1000:
                return "exploding_gradients"
        if any(s["norm"] < 1e-5 for s in gradient_stats):
            return "vanishing_gradients"
        for s in activation_stats:
            if s["std"] < 0.1:
                return "vanishing_gradients"
            if s["std"] > 10.0:
                return "exploding_gradients"
        return "healthy"
