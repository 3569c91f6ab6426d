import torch


class Solution:
    def batch_loader(self, raw_dataset, context_length, batch_size):
        raise NotImplementedError
