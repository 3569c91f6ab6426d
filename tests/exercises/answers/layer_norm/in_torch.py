import torch


def forward(x, gamma, beta):
    x, gamma, beta = (torch.as_tensor(v) for v in (x, gamma, beta))
    centred = x - x.mean()
    return torch.addcmul(beta, gamma, centred * torch.rsqrt(centred.pow(2).mean() + 1e-5))
