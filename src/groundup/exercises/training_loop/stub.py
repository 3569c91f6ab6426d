import numpy as np


class Solution:
    def train(self, X, y, epochs, lr):
        raise NotImplementedError
