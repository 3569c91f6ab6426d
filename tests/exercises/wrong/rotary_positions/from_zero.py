# Named: positions counted from 0
import torch


def angles(positions, width, base):
    table = torch.zeros(len(positions), width // 2)
    for t in range(len(positions)):
        for i in range(width // 2):
            table[t, i] = t / base ** (2 * i / width)
    return table


def rotate(z, angles):
    a, b = z.chunk(2, dim=-1)
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], dim=-1)
