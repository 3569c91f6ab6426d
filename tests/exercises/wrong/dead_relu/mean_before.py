# Named: the mean over the examples looked at
import torch
import torch.nn as nn


class Solution:
    def detect_dead_neurons(self, model, x):
        found = []
        for layer in model:
            if isinstance(layer, nn.ReLU):
                found.append((x.mean(dim=0) <= 0).float().mean().item())
            x = layer(x)
        return found

    def suggest_fix(self, fractions):
        if not fractions:
            return "healthy"
        if max(fractions) > 0.5:
            return "use_leaky_relu"
        if fractions[0] > 0.3:
            return "reinitialize"
        if all(a < b for a, b in zip(fractions, fractions[1:])) and fractions[-1] > 0.1:
            return "reduce_learning_rate"
        return "healthy"
