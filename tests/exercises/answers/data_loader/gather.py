import torch


def create_batches(data, context_length, batch_size):
    starts = torch.randint(data.numel() - context_length, (batch_size, 1))
    windows = data[starts + torch.arange(context_length + 1)]
    return windows[:, :-1], windows[:, 1:]
