import torch


class Solution:
    def cross_entropy(self, logits, targets):
        raise NotImplementedError
