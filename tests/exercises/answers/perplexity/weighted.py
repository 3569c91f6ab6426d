import torch


def perplexity(windows):
    windows = [torch.as_tensor(window) for window in windows if len(window)]
    weights = torch.tensor([float(len(window)) for window in windows], dtype=torch.float64)
    means = torch.stack([window.mean() for window in windows])
    return torch.exp((weights * means).sum() / weights.sum()).item()


def bits_per_character(windows, characters):
    return torch.cat([torch.as_tensor(window) for window in windows]).div(0.6931471805599453).sum() / characters
