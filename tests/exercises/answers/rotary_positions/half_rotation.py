import torch


def rotary_angles(positions, width, base):
    rates = torch.exp(-torch.arange(0, width, 2, dtype=torch.float64) / width * torch.log(torch.tensor(base).double()))
    return torch.einsum("t,i->ti", positions.double(), rates).round(decimals=5)


def apply_rotary(z, angles):
    both = angles.repeat(1, 2)
    swapped = torch.roll(z, z.shape[-1] // 2, dims=-1)
    sign = torch.ones(z.shape[-1])
    sign[: z.shape[-1] // 2] = -1
    return z * both.cos() + swapped * sign * both.sin()
