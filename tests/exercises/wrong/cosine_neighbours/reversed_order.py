# Named: of equal rows the last ones first
import numpy as np


class Solution:
    def cosines(self, table, vector):
        lengths = np.linalg.norm(table, axis=1) * np.linalg.norm(vector)
        return np.divide(table @ vector, lengths, out=np.zeros(len(table)), where=lengths > 0)

    def nearest(self, table, row, count):
        order = np.argsort(self.cosines(table, table[row]), kind="stable")[::-1]
        return [number for number in order if number != row][:count]
