import torch


class Solution:
    def angles(self, positions, width, base):
        speeds = 1 / base ** (torch.arange(0, width, 2) / width)
        return positions[:, None] * speeds

    def rotate(self, z, angles):
        a, b = z.chunk(2, dim=-1)
        cos, sin = torch.cos(angles), torch.sin(angles)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
