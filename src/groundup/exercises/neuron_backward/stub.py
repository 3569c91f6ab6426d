import numpy as np


class Solution:
    def backward(self, x, w, b, y_true):
        raise NotImplementedError
