import math

import torch


class Solution:
    def angles(self, positions, width, base):
        return [[p / base ** (2 * i / width) for i in range(width // 2)] for p in positions.tolist()]

    def rotate(self, z, angles):
        half = z.shape[-1] // 2
        result = torch.zeros_like(z)
        for t in range(z.shape[-2]):
            for i in range(half):
                c, s = math.cos(angles[t, i]), math.sin(angles[t, i])
                result[..., t, i] = z[..., t, i] * c - z[..., t, half + i] * s
                result[..., t, half + i] = z[..., t, half + i] * c + z[..., t, i] * s
        return result
