import numpy as np
import torch


def detect_dead_neurons(model, x):
    fractions = []

    def look(module, inputs, output):
        fractions.append((output.amax(dim=0) == 0).double().mean())

    handles = [module.register_forward_hook(look) for module in model if isinstance(module, torch.nn.ReLU)]
    with torch.inference_mode():
        model(x)
    for handle in handles:
        handle.remove()
    return torch.tensor(fractions)


def suggest_fix(fractions):
    shares = np.asarray(fractions, dtype=float)
    if shares.size == 0:
        return "healthy"
    if (shares > 0.5).any():
        return "use_leaky_relu"
    if shares[0] > 0.3:
        return "reinitialize"
    return "reduce_learning_rate" if (np.diff(shares) > 0).all() and shares[-1] > 0.1 else "healthy"
