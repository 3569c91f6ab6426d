# Named: fractions instead of whole numbers
import torch


def create_batches(data, context_length, batch_size):
    x = torch.zeros(batch_size, context_length)
    y = torch.zeros(batch_size, context_length)
    for row, s in enumerate(torch.randint(len(data) - context_length, (batch_size,)).tolist()):
        x[row] = data[s : s + context_length]
        y[row] = data[s + 1 : s + 1 + context_length]
    return x, y
