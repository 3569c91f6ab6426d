# Named: summed over an answer's tokens
import torch
import torch.nn as nn
from torchtyping import TensorType

class Solution:
    def policy_loss(self, new, old, reference, advantages, clip, pull):
        ratio = torch.exp(new - old)
        A = advantages.unsqueeze(1)
        gain = torch.min(ratio * A, torch.clamp(ratio, 1 - clip, 1 + clip) * A)
        d = reference - new
        per_token = -gain + pull * (torch.exp(d) - d - 1)
        return per_token.sum(dim=1).mean()
