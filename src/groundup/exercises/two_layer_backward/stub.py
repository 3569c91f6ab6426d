import numpy as np


class Solution:
    def forward_and_backward(self, x, W1, b1, W2, b2, y_true):
        raise NotImplementedError
