import numpy as np


def minimize(gradient, start, learning_rate, iterations):
    points = [np.array(start, dtype=float)]
    for _ in range(iterations):
        points.append(points[-1] - learning_rate * np.array(gradient(points[-1])))
    return np.array(points)
