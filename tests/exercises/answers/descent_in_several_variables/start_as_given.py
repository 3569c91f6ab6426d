import numpy as np


class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        point = np.array(start, dtype=float)
        path = [point.tolist()]
        for _ in range(iterations):
            point = point - learning_rate * np.array(gradient(point.tolist()))
            path.append(np.round(point, 5).tolist())
        return path
