import torch


class Solution:
    def create_batches(self, data, context_length, batch_size):
        starts = torch.randint(len(data) - context_length, (batch_size, 1))
        positions = starts + torch.arange(context_length)  # (B, 1) + (T,) → (B, T)
        return data[positions], data[positions + 1]
