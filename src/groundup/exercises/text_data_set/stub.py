import torch


class Solution:
    def get_dataset(self, positive, negative):
        raise NotImplementedError
