# Named: every layer reads the batch
import torch
from torch import nn
class Solution:
    def detect_dead_neurons(self, model, x):
        fractions = []
        with torch.no_grad():
            for layer in model:
                out = layer(x)
                if isinstance(layer, nn.ReLU):
                    fractions.append((out == 0).all(dim=0).float().mean().item())
        return fractions
    def suggest_fix(self, fractions):
        if not fractions: return "healthy"
        if max(fractions) > 0.5: return "use_leaky_relu"
        if fractions[0] > 0.3: return "reinitialize"
        if all(b > a for a, b in zip(fractions, fractions[1:])) and fractions[-1] > 0.1:
            return "reduce_learning_rate"
        return "healthy"
