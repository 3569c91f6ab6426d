import numpy as np


class Solution:
    def cosines(self, table, vector):
        lengths = np.linalg.norm(table, axis=1) * np.linalg.norm(vector)
        return table @ vector / np.where(lengths == 0, 1, lengths)

    def nearest(self, table, row, count):
        order = np.argsort(-self.cosines(table, table[row]), kind="stable")
        return [int(number) for number in order if number != row][:count]
