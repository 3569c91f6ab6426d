import torch
from torch import nn


def _describe(numbers):
    return {"mean": numbers.mean(), "std": numbers.std()}


def compute_activation_stats(model, x):
    seen = []
    handles = [
        module.register_forward_hook(lambda module, inputs, output: seen.append(output.detach().clone()))
        for module in model.modules()
        if isinstance(module, nn.Linear)
    ]
    model(x)
    for handle in handles:
        handle.remove()
    return [{**_describe(out), "dead_fraction": (out.amax(0) <= 0).double().mean()} for out in seen]


def compute_gradient_stats(model, x, y):
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    loss = (model(x) - y).pow(2).mean()
    gradients = torch.autograd.grad(loss, [linear.weight for linear in linears])
    return [{**_describe(g), "norm": torch.linalg.vector_norm(g)} for g in gradients]


def diagnose(activation_stats, gradient_stats):
    norms = [layer["norm"] for layer in gradient_stats]
    if max((layer["dead_fraction"] for layer in activation_stats), default=0) > 0.5:
        return "dead_neurons"
    if max(norms, default=0) > 1e3:
        return "exploding_gradients"
    if norms and norms[-1] < 1e-5:
        return "vanishing_gradients"
    off = [layer["std"] for layer in activation_stats if not 0.1 <= layer["std"] <= 10]
    if off:
        return "vanishing_gradients" if off[0] < 0.1 else "exploding_gradients"
    return "healthy"
