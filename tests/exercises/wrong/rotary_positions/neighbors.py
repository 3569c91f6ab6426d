# Named: neighboring channels rotated
import torch


class Solution:
    def angles(self, positions, width, base):
        return torch.outer(positions.float(), 1 / base ** (torch.arange(0, width, 2).float() / width))

    def rotate(self, z, angles):
        both = torch.cat([angles, angles], dim=-1)
        turned = torch.stack([-z[..., 1::2], z[..., 0::2]], dim=-1).reshape(z.shape)
        return z * torch.cos(both) + turned * torch.sin(both)
