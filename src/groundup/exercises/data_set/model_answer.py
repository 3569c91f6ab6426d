import torch


class Solution:
    def batch_loader(self, raw_dataset, context_length, batch_size):
        words = raw_dataset.split()
        starts = torch.randint(len(words) - context_length, (batch_size,)).tolist()
        inputs = [words[start : start + context_length] for start in starts]
        targets = [words[start + 1 : start + 1 + context_length] for start in starts]
        return inputs, targets
