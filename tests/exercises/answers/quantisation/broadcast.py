import torch


def quantise(weight):
    largest, _ = weight.abs().max(dim=1, keepdim=True)
    factor = 127.0 / torch.clamp(largest, min=torch.finfo(weight.dtype).tiny)
    numbers = (weight * factor).round().clamp(-127, 127).char()
    return numbers, (largest / 127.0).squeeze(1)


def dequantise(numbers, scales):
    return torch.einsum("nf,n->nf", numbers.float(), scales)


def quantised_linear(x, numbers, scales, bias):
    return torch.einsum("bf,nf->bn", x, dequantise(numbers, scales)) + bias[None, :]
