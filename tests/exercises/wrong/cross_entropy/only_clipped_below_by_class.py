# Named: only clipped below, one term per example
import numpy as np


class Solution:
    def binary_cross_entropy(self, y_true, y_pred):
        p = np.maximum(y_pred, 1e-7)
        return -np.mean(np.where(y_true == 1, np.log(p), np.log(1 - p)))

    def categorical_cross_entropy(self, y_true, y_pred):
        p = np.maximum(y_pred, 1e-7)
        return -np.mean(np.log(p[y_true == 1]))
