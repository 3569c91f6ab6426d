import torch


class Solution:
    def reshape(self, to_reshape):
        raise NotImplementedError

    def average(self, to_avg):
        raise NotImplementedError

    def concatenate(self, cat_one, cat_two):
        raise NotImplementedError

    def get_loss(self, prediction, target):
        raise NotImplementedError
