import numpy as np


class Solution:
    def sigmoid(self, z):
        raise NotImplementedError

    def relu(self, z):
        raise NotImplementedError
