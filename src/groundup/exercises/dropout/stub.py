import torch


class Solution:
    def dropout(self, x, p, training):
        raise NotImplementedError
