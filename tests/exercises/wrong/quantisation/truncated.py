# Named: cut off instead of rounded
import torch


def quantise(weight):
    scales = weight.abs().max(dim=1).values / 127
    safe = torch.where(scales == 0, torch.ones_like(scales), scales)
    return (weight / safe.unsqueeze(1)).to(torch.int8), scales


def dequantise(numbers, scales):
    return numbers.float() * scales.unsqueeze(1)


def quantised_linear(x, numbers, scales, bias):
    return x @ dequantise(numbers, scales).T + bias
