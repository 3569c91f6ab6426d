import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        raise NotImplementedError
