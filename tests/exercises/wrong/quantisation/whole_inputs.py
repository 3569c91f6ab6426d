# Named: x cut to whole numbers
import torch

def quantise(weight):
    scales = weight.abs().amax(dim=1) / 127
    safe = torch.where(scales == 0, torch.ones_like(scales), scales)
    return torch.round(weight / safe[:, None]).to(torch.int8), scales


def dequantise(numbers, scales):
    return scales[:, None] * numbers


def quantised_linear(x, numbers, scales, bias):
    sums = torch.matmul(x.int(), numbers.int().T)
    return scales * sums.float() + bias
