# Named: neighboring channels rotated, each pair by its angle
import torch
import torch.nn as nn
from torchtyping import TensorType

class Solution:
    def angles(self, positions, width, base):
        return positions[:, None].float() / base ** (torch.arange(0, width, 2).float() / width)

    def rotate(self, z, angles):
        a, b = z[..., 0::2], z[..., 1::2]
        cos, sin = torch.cos(angles), torch.sin(angles)
        return torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)
