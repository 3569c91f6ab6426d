import math

import torch


def get_positional_encoding(seq_len, d_model):
    rate = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    waves = torch.polar(torch.ones(()), torch.outer(torch.arange(seq_len).float(), rate))
    return torch.view_as_real(waves).flip(-1).reshape(seq_len, d_model)
