# Named: the favourite class instead of the right one
import numpy as np


class Solution:
    def binary_cross_entropy(self, y_true, y_pred):
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return np.round(-np.average(np.log(np.where(y_true == 1, p, 1 - p))), 4)

    def categorical_cross_entropy(self, y_true, y_pred):
        rows = [max(row) for row in np.clip(y_pred, 1e-7, 1 - 1e-7)]
        return np.round(-sum(np.log(p) for p in rows) / len(rows), 4)
