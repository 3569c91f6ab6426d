import torch


class Solution:
    def linear(self, x, weight, bias):
        raise NotImplementedError
