# Named: the new first half used for the second
import torch


def angles(positions, width, base):
    return positions[:, None] * base ** (-torch.arange(0, width, 2) / width)


def rotate(z, angles):
    half = z.shape[-1] // 2
    result = z.clone()
    cos, sin = angles.cos(), angles.sin()
    result[..., :half] = result[..., :half] * cos - result[..., half:] * sin
    result[..., half:] = result[..., half:] * cos + result[..., :half] * sin
    return result
