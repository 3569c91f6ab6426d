# Named: one scale for the whole matrix
import torch


def quantise(weight):
    scale = weight.abs().max() / 127
    numbers = torch.round(weight / scale) if scale > 0 else torch.zeros_like(weight)
    return numbers.to(torch.int8), scale.repeat(len(weight))


def dequantise(numbers, scales):
    return numbers.float() * scales.unsqueeze(1)


def quantised_linear(x, numbers, scales, bias):
    return x @ dequantise(numbers, scales).T + bias
