import torch


def angles(positions, width, base):
    return torch.outer(positions.float(), torch.tensor([base ** (-2 * i / width) for i in range(width // 2)]))


def rotate(z, angles):
    half = z.shape[-1] // 2
    pairs = torch.complex(z[..., :half], z[..., half:])
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([turned.real, turned.imag], dim=-1)
