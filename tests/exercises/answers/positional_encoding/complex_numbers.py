import torch


def positional_encoding(seq_len, d_model):
    rates = torch.logspace(0, -4 * (d_model - 2) / d_model, d_model // 2, dtype=torch.float64)
    turned = torch.polar(torch.ones(()).double(), torch.einsum("t,i->ti", torch.arange(seq_len).double(), rates))
    return torch.view_as_real(turned).flip(-1).reshape(seq_len, d_model).float()
