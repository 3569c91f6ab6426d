# Named: weight transposed in place
import torch


def linear(x, weight, bias):
    weight.t_()
    return torch.matmul(x, weight) + bias
