import torch


def create_batches(data, context_length, batch_size):
    inputs = torch.zeros(batch_size, context_length, dtype=torch.long)
    targets = torch.zeros(batch_size, context_length, dtype=torch.long)
    for row in range(batch_size):
        start = int(torch.randint(len(data) - context_length, ()))
        for place in range(context_length):
            inputs[row, place] = data[start + place]
            targets[row, place] = data[start + place + 1]
    return inputs, targets
