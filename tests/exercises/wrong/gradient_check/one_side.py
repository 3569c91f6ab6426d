# Named: difference on one side
import numpy as np


def numerical_gradient(f, x, h):
    before = f(x)
    slopes = []
    for i in range(len(x)):
        moved = x.astype(float)
        moved[i] = moved[i] + h
        slopes.append((f(moved) - before) / h)
    return np.array(slopes)


def relative_difference(gradient, numerical):
    lengths = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return np.linalg.norm(gradient - numerical) / lengths if lengths else 0.0
