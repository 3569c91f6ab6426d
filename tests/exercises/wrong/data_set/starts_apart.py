# Named: inputs and targets from different starts
import torch


def batch_loader(raw_dataset, context_length, batch_size):
    words = raw_dataset.split()
    n = len(words) - context_length
    inputs = [words[s : s + context_length] for s in torch.randint(n, (batch_size,)).tolist()]
    targets = [words[s + 1 : s + 1 + context_length] for s in torch.randint(n, (batch_size,)).tolist()]
    return inputs, targets
