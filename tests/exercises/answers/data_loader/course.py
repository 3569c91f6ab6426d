import torch


class Solution:
    def create_batches(self, data, context_length, batch_size):
        torch.manual_seed(0)
        starts = torch.randint(0, len(data) - context_length, (batch_size,))
        X = torch.stack([data[i : i + context_length] for i in starts])
        Y = torch.stack([data[i + 1 : i + 1 + context_length] for i in starts])
        return X, Y
