import numpy as np


class Solution:
    def binary_cross_entropy(self, y_true, y_pred):
        raise NotImplementedError

    def categorical_cross_entropy(self, y_true, y_pred):
        raise NotImplementedError
